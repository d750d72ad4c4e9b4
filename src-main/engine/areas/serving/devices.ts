/**
 * What can run models on this machine, for this workspace. At the start the remembered findings hold, if nothing
 * changed; otherwise models run on the CPU until the trial has ended, and then move.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Devices, ProviderFinding, ProviderWish } from '../../../contract/devices.ts';
import { devicesFolder } from '../../../platform/devices/cuda-files.ts';
import { devicesView, orderFor } from '../../../platform/devices/findings.ts';
import { placesHere } from '../../../platform/devices/machine.ts';
import { createProber, type Found, type Prober } from '../../../platform/devices/prober.ts';
import { createTrial } from '../../../platform/devices/trial.ts';
import type { DeviceOrder } from '../../../platform/link.ts';
import type { AreaContext } from '../../context.ts';

export type DeviceService = {
  /** Recalls or tries; the trial goes on after this has returned. */
  start(): void;
  view(wish: ProviderWish): Devices;
  reprobe(): Promise<void>;
  orderFor(wish: ProviderWish): DeviceOrder;
  /** Folders that the runner needs to find the CUDA files that work; none where they do not. */
  libraries(): readonly string[];
};

/** The first trial takes a core for a second; what the user waits for at the start goes before. */
const FIRST_AFTER_MS = 2_000;

/** `changed` is called when models may have to move. */
export function createDeviceService(
  context: Pick<AreaContext, 'clock' | 'host' | 'log' | 'events'>,
  changed: () => void,
  prober: Prober = createProber({
    places: placesHere(devicesFolder()),
    trial: createTrial(context.host.processes),
    clock: context.clock,
  }),
): DeviceService {
  const { log, events } = context;
  let found: Found | null = null;
  let trying: Promise<void> | null = null;
  const findings = (): readonly ProviderFinding[] => found?.findings ?? [];

  /** One at a time: whoever asks meanwhile gets the answer of the one under way. */
  function probe(afterMs = 0): Promise<void> {
    trying ??= pause(afterMs, undefined, { ref: false })
      .then(() => prober.probe())
      .then((next) => {
        found = next;
        for (const { provider, state, reason } of next.findings)
          log.info({ provider, state, reason }, 'tried');
      })
      .finally(() => {
        trying = null;
        changed();
        events.changed('serving');
      });
    return trying;
  }

  return {
    start() {
      found = prober.remembered();
      if (found) return;
      probe(FIRST_AFTER_MS).catch((thrown: unknown) =>
        log.error({ err: thrown }, 'the devices could not be tried'),
      );
    },
    reprobe: () => probe(),
    view: (wish) => devicesView(found, trying !== null, wish, devicesFolder()),
    orderFor: (wish) => orderFor(findings(), wish),
    libraries: () =>
      findings().some(({ provider, state }) => provider === 'cuda' && state !== 'unusable')
        ? prober.libraries()
        : [],
  };
}
