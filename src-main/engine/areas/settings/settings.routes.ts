import { implement } from '@orpc/server';
import { settings as contract } from '../../../contract/settings.ts';
import type { SettingsService } from './settings.service.ts';

const os = implement(contract);

export const settingsRoutes = (service: SettingsService) => ({
  get: os.get.handler(() => service.get()),
  update: os.update.handler(({ input }) => service.update(input.revision, input.patch)),
});
