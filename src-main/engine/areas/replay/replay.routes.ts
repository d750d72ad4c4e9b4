import { implement } from '@orpc/server';
import { replay as contract } from '../../../contract/replay.ts';
import type { ReplayService } from './replay.service.ts';

const os = implement(contract);

export const replayRoutes = (service: ReplayService) => ({
  status: os.status.handler(() => service.status()),
  start: os.start.handler(() => service.start()),
  pause: os.pause.handler(() => service.pause()),
  setSpeed: os.setSpeed.handler(({ input }) => service.setSpeed(input.speed)),
  rewind: os.rewind.handler(() => service.rewind()),
  useFile: os.useFile.handler(({ input }) => service.useFile(input)),
});
