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
  close(): void;
};

/** The first trial takes a core for a second; what the user waits for at the start goes before. */
const FIRST_AFTER_MS = 2_000;

type Ports = Pick<AreaContext, 'clock' | 'host' | 'log' | 'events'>;

const proberHere = ({ clock, host }: Ports): Prober =>
  createProber({ places: placesHere(devicesFolder()), trial: createTrial(host.processes), clock });

/** `changed` is called when models may have to move. */
export function createDeviceService(
  ports: Ports,
  changed: () => void,
  prober: Prober = proberHere(ports),
): DeviceService {
  const { log, events } = ports;
  const closing = new AbortController();
  let found: Found | null = null;
  let trying: Promise<void> | null = null;
  const findings = (): readonly ProviderFinding[] => found?.findings ?? [];

  async function tryAll(afterMs: number): Promise<void> {
    try {
      await pause(afterMs, undefined, { ref: false, signal: closing.signal });
      found = await prober.probe(closing.signal);
      for (const { provider, state, reason } of found.findings)
        log.info({ provider, state, reason }, 'tried');
    } finally {
      trying = null;
      if (!closing.signal.aborted) {
        changed();
        events.changed('serving');
      }
    }
  }
  /** One at a time. */
  function probe(afterMs = 0): Promise<void> {
    trying ??= tryAll(afterMs);
    return trying;
  }

  return {
    start() {
      found = prober.remembered();
      if (found) return;
      probe(FIRST_AFTER_MS).catch((thrown: unknown) => {
        if (!closing.signal.aborted) log.error({ err: thrown }, 'the devices could not be tried');
      });
    },
    async reprobe() {
      // One that is under way may have begun before what the caller wants to be seen.
      await trying?.catch(() => {});
      await probe();
    },
    view: (wish) => devicesView(found, trying !== null, wish, devicesFolder()),
    orderFor: (wish) => orderFor(findings(), wish),
    libraries: () =>
      findings().some(({ provider, state }) => provider === 'cuda' && state !== 'unusable')
        ? prober.libraries()
        : [],
    close: () => closing.abort(),
  };
}
