/** Collects what one transaction changes in the sums of quality, and writes each window once. */
import type { FeatureValue } from '../../../contract/common.ts';
import { LatheError } from '../../../contract/errors.ts';
import { addChange, addLabel, type CohortChange, emptyChange } from './cohorts.rules.ts';
import { ALL_ROWS, CARRIED, type CohortKey, type CohortStore, DAY_MS, HOUR_MS } from './cohorts.store.ts';
import { bump } from './counts.rules.ts';
import {
  asBinary,
  binOf,
  type Decision,
  type LabelEffect,
  labelEffect,
  type Predicted,
} from './judging.rules.ts';

const floorTo = (ms: number, sizeMs: number): number => Math.floor(ms / sizeMs) * sizeMs;

/** A row's value of a feature; null where it has none. */
export type FeatureOf = (name: string) => FeatureValue;
/** Which slices rows belong to (the slices area); a mask has a bit for each of an endpoint's slices. */
export type Slicer = {
  maskOf(endpointId: number, featureOf: FeatureOf): number;
  /** Numbers of the slices of the mask that are there. */
  numbersOf(endpointId: number, mask: number): readonly number[];
  /** How many slices an endpoint's rows are tested for and counted in. */
  countOf(endpointId: number): number;
  /** LATHE_NOT_FOUND for a slice that is not there, or is another endpoint's. */
  find(endpointId: number, id: string): { number: number; bit: number };
};
export const NO_SLICES: Slicer = {
  maskOf: () => 0,
  numbersOf: () => [],
  countOf: () => 0,
  find(_endpointId, name) {
    throw new LatheError('LATHE_NOT_FOUND', { kind: 'slice', name });
  },
};

/** A logged row as far as its quality goes. */
export type CohortMember = Predicted & {
  endpointId: number;
  arm: string;
  version: string;
  eventMs: number;
};
export type Truth = { label: string; labelledMs: number; receivedMs: number | null; byEntity: boolean };

/** A label that came before times of arrival were kept says nothing of delays. */
const effectOf = (decision: Decision, row: CohortMember, truth: Truth): LabelEffect =>
  labelEffect(decision, row, {
    ...{ label: truth.label, byEntity: truth.byEntity },
    delayMs: truth.receivedMs === null ? null : truth.labelledMs - row.eventMs,
  });

export type CohortTurn = ReturnType<typeof createCohortTurn>;

type Entry = { key: CohortKey; change: CohortChange };

export function createCohortTurn(store: CohortStore, slicer: Slicer) {
  const changes = new Map<string, Entry>();
  /** Mostly the next row is of the same. */
  let last: Entry | null = null;
  const { nextSeq, endSeq } = store.carry();

  function at(
    endpointId: number,
    { arm, version, eventMs }: Pick<CohortMember, 'arm' | 'version' | 'eventMs'>,
    slice: number,
  ): CohortChange {
    const windowMs = floorTo(eventMs, slice === CARRIED ? DAY_MS : HOUR_MS);
    if (last && isOf(last.key, endpointId, slice, windowMs, arm, version)) return last.change;
    const name = `${endpointId} ${slice} ${arm} ${version} ${windowMs}`;
    last = changes.get(name) ?? { key: { endpointId, slice, windowMs, arm, version }, change: emptyChange() };
    changes.set(name, last);
    return last.change;
  }

  function addRow(
    endpointId: number,
    row: Omit<CohortMember, 'endpointId'>,
    slice: number,
    decision: Decision,
    times: 1 | -1,
  ): void {
    const sum = at(endpointId, row, slice);
    sum.predictions += times;
    const bin = decision.task === 'binary' && slice !== CARRIED ? binOf(row.score) : null;
    if (bin !== null) bump(sum.all, bin, times);
  }

  function addTruth(row: CohortMember, slice: number, decision: Decision, truth: Truth, times: 1 | -1): void {
    const effect = effectOf(decision, row, truth);
    addLabel(at(row.endpointId, row, slice), slice === CARRIED ? carriedPart(effect, truth) : effect, times);
  }

  /** All rows' sums that the row is in. */
  const placesOf = (row: CohortMember & { seq: number; slices: number }): number[] => [
    row.seq > nextSeq && row.seq <= endSeq ? CARRIED : ALL_ROWS,
    ...slicer.numbersOf(row.endpointId, row.slices),
  ];

  return {
    /** A row was logged. */
    served(
      endpointId: number,
      row: Omit<CohortMember, 'endpointId'>,
      mask: number,
      decision: Decision,
    ): void {
      addRow(endpointId, row, ALL_ROWS, decision, 1);
      if (mask === 0) return;
      for (const slice of slicer.numbersOf(endpointId, mask)) addRow(endpointId, row, slice, decision, 1);
    },
    /** A row's label is another one. */
    labelled(
      row: CohortMember & { seq: number; slices: number },
      decision: Decision,
      before: Truth | null,
      after: Truth,
    ): void {
      for (const slice of placesOf(row)) {
        if (before) addTruth(row, slice, decision, before, -1);
        addTruth(row, slice, decision, after, 1);
      }
    },
    /** A row that was logged before is counted in a slice too. */
    sorted(row: CohortMember, slice: number, decision: Decision, truth: Truth | null): void {
      addRow(row.endpointId, row, slice, decision, 1);
      if (truth) addTruth(row, slice, decision, truth, 1);
    },
    /** A row leaves the sums of its day for those of its hour. */
    carried(row: CohortMember, decision: Decision, truth: Truth | null): void {
      addRow(row.endpointId, row, CARRIED, decision, -1);
      addRow(row.endpointId, row, ALL_ROWS, decision, 1);
      if (!truth) return;
      addTruth(row, CARRIED, decision, truth, -1);
      addTruth(row, ALL_ROWS, decision, truth, 1);
    },
    flush(): void {
      const days: typeof changes = new Map();
      for (const { key, change } of changes.values()) {
        store.add(key, change);
        if (key.slice === CARRIED) {
          store.dropEmpty(key);
          continue;
        }
        store.addDetail(key, HOUR_MS, change);
        const windowMs = floorTo(key.windowMs, DAY_MS);
        const name = `${key.endpointId} ${key.slice} ${key.arm} ${key.version} ${windowMs}`;
        const day = days.get(name);
        if (day) addChange(day.change, change);
        else days.set(name, { key: { ...key, windowMs }, change });
      }
      for (const { key, change } of days.values()) store.addDetail(key, DAY_MS, change);
      changes.clear();
      last = null;
    },
  };
}

const isOf = (
  key: CohortKey,
  endpointId: number,
  slice: number,
  windowMs: number,
  arm: string,
  version: string,
): boolean =>
  key.windowMs === windowMs &&
  key.slice === slice &&
  key.endpointId === endpointId &&
  key.arm === arm &&
  key.version === version;

/** Of the days that older versions counted, only what they counted: classes that have names were none of it. */
function carriedPart(effect: LabelEffect, { label, receivedMs }: Truth): LabelEffect {
  const counted = effect.cell !== null && (receivedMs !== null || asBinary(label) !== null);
  return {
    ...{ byEntity: false, actual: null, scoreBin: null, delayBin: null, error: null },
    right: counted ? effect.right : null,
    cell: counted ? effect.cell : null,
    logLoss: counted ? (effect.logLoss ?? 0) : null,
    brier: counted ? 0 : null,
  };
}
