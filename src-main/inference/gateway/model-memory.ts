/**
 * The memory that models share on a device. When it does not suffice, those that were not asked for the longest
 * rest, the busy ones last. What a model takes is measured; before that, its file says about how much.
 */
import { LatheError } from '../../contract/errors.ts';
import type { ModelSpec } from '../../platform/link.ts';
import type { ServedModel } from './served-model.ts';

export type ModelMemory = {
  /** Makes room for a model that is to be loaded from this file, or null for one that is loaded; else the error. */
  fit(model: ServedModel, spec: ModelSpec | null): LatheError | null;
  /** Keeps to a budget that became smaller. */
  trim(): void;
  usedBytes(): number;
};

/** What a file takes in memory before it was measured. */
const FILE_FACTOR = 1.2;
const MIB = 1024 * 1024;

export function createModelMemory(ports: {
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

  /** False when the memory of all others is not enough. */
  function free(beside: ServedModel | null, neededBytes: number): boolean {
    const others = residents()
      .filter((model) => model !== beside)
      .map((model) => {
        const { footprintBytes, lastUsedMs, spec } = model;
        return { model, footprintBytes, lastUsedMs, busy: ports.isBusy(spec.key) };
      });
    const chosen = victims(others, neededBytes, budgetBytes());
    for (const { model } of chosen ?? []) ports.rest(model);
    return chosen !== null;
  }

  return {
    fit(model, spec) {
      const known = spec === null || spec === model.spec ? model.footprintBytes : 0;
      const neededBytes = known || FILE_FACTOR * ports.fileBytes(spec?.path ?? '');
      if (free(model, neededBytes)) return null;
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

type Resident = { footprintBytes: number; lastUsedMs: number; busy: boolean };

/** Those to let go so that `neededBytes` more fit into the budget. Null when they would not fit even alone. */
export function victims<Each extends Resident>(
  residents: readonly Each[],
  neededBytes: number,
  budgetBytes: number,
): Each[] | null {
  if (neededBytes > budgetBytes) return null;
  let usedBytes = 0;
  for (const { footprintBytes } of residents) usedBytes += footprintBytes;
  const chosen: Each[] = [];
  const order = residents.toSorted(
    (left, right) => Number(left.busy) - Number(right.busy) || left.lastUsedMs - right.lastUsedMs,
  );
  for (const each of order) {
    if (usedBytes + neededBytes <= budgetBytes) break;
    chosen.push(each);
    usedBytes -= each.footprintBytes;
  }
  return chosen;
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / MIB);
