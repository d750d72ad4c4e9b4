/** Tries the devices of this machine without a workspace: the findings are the user's, not a workspace's. */
import type { Devices } from '../contract/devices.ts';
import { systemClock } from '../platform/clock.ts';
import { devicesFolder } from '../platform/devices/cuda-files.ts';
import { devicesView } from '../platform/devices/findings.ts';
import { placesHere } from '../platform/devices/machine.ts';
import { createProber } from '../platform/devices/prober.ts';
import { createTrial } from '../platform/devices/trial.ts';
import { createLogger } from '../platform/log.ts';
import { createSupervisor } from '../platform/supervisor.ts';
import { forkChild } from './processes.ts';

/** `again`: whatever is remembered. */
export async function tryDevices(bundles: string, again: boolean): Promise<Devices> {
  const silent = createLogger('gpu', null);
  const supervisor = createSupervisor((spec) => forkChild(bundles, silent, spec), systemClock);
  const prober = createProber({
    places: placesHere(devicesFolder()),
    trial: createTrial(supervisor),
    clock: systemClock,
  });
  try {
    const found = (again ? null : prober.remembered()) ?? (await prober.probe());
    return devicesView(found, false, 'auto', devicesFolder());
  } finally {
    await supervisor.stopAll();
  }
}
