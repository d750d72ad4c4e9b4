/**
 * The memory that models share on a device. When it does not suffice, those that were not asked for the longest
 * rest, the busy ones last, and none before it had its turn. What a model takes is measured; before that, its
 * file says about how much.
 */
import { LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ModelSpec } from '../../platform/link.ts';
import type { ServedModel } from './served-model.ts';

export type ModelMemory = {
  /**
   * Makes room for a model that is to be loaded from this file; null stands for one that is loaded. `later` when
   * those in memory are at work and came only now; the error when it can never fit.
   */
  fit(model: ServedModel, spec: ModelSpec | null): 'fits' | 'later' | LatheError;
  /** Keeps to a budget that became smaller. */
  trim(): void;
  usedBytes(): number;
};

/** A model with work stays at least so long once it is loaded: else two would push each other out, idle both. */
const STAY_MS = 1_000;
/** What a file takes in memory before it was measured. */
const FILE_FACTOR = 1.2;
const MIB = 1024 * 1024;

export function createModelMemory(ports: {
  clock: Clock;
  /** All that are in memory, also those that are about to leave. */
  residents(): ServedModel[];
  budgetBytes(): number;
  /** Bytes of a file; 0 when it cannot be read. */
  fileBytes(path: string): number;
  isBusy(key: string): boolean;
  /** Takes a model out of memory until it is asked for. */
  rest(model: ServedModel): void;
}): ModelMemory {
  const { residents, budgetBytes } = ports;

  /** False when that of the others which may go is not enough; then none goes. */
  function free(beside: ServedModel | null, neededBytes: number): boolean {
    const others = residents()
      .filter((model) => model !== beside)
      .map((model) => {
        const { footprintBytes, lastUsedMs, loadedAtMs, spec } = model;
        const busy = ports.isBusy(spec.key);
        const kept = busy && ports.clock.monotonic() < loadedAtMs + STAY_MS;
        return { model, footprintBytes, lastUsedMs, busy, kept };
      });
    const chosen = victims(others, neededBytes, budgetBytes());
    for (const { model } of chosen ?? []) ports.rest(model);
    return chosen !== null;
  }

  return {
    fit(model, spec) {
      const known = spec === null || spec === model.spec ? model.footprintBytes : 0;
      const neededBytes = known || FILE_FACTOR * ports.fileBytes(spec?.path ?? '');
      if (neededBytes <= budgetBytes()) return free(model, neededBytes) ? 'fits' : 'later';
      const { model: name, version } = model.spec;
      const details = { name, version, needed: mebibytes(neededBytes), budget: mebibytes(budgetBytes()) };
      return new LatheError('LATHE_SERVING_MEMORY', details);
    },
    trim: () => void free(null, 0),
    usedBytes() {
      let usedBytes = 0;
      for (const { footprintBytes } of residents()) usedBytes += footprintBytes;
      return usedBytes;
    },
  };
}

type Resident = { footprintBytes: number; lastUsedMs: number; busy: boolean; kept: boolean };

/** Those to let go so that `neededBytes` more fit into the budget. Null when letting all go that may is not enough. */
export function victims<Each extends Resident>(
  residents: readonly Each[],
  neededBytes: number,
  budgetBytes: number,
): Each[] | null {
  let overBytes = neededBytes - budgetBytes;
  for (const { footprintBytes } of residents) overBytes += footprintBytes;
  const chosen: Each[] = [];
  const order = residents
    .filter(({ kept }) => !kept)
    .toSorted((left, right) => Number(left.busy) - Number(right.busy) || left.lastUsedMs - right.lastUsedMs);
  for (const each of order) {
    if (overBytes <= 0) break;
    chosen.push(each);
    overBytes -= each.footprintBytes;
  }
  return overBytes > 0 ? null : chosen;
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / MIB);
