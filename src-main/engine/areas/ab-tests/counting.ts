/** Brings what is logged, labelled and rewarded into the tests' sums, inside the transactions that do it. */
import type { ArmCounters } from '../../../platform/link.ts';
import type { LoggedRow } from '../../../platform/tap-block.ts';
import { isRight, type Labelled, type LabelTarget } from '../monitoring/index.ts';
import type { AbTestsStore } from './ab-tests.store.ts';
import { createTally, NOTHING, type Place, type Tally } from './tally.ts';
import { locate, type Test } from './tests.rules.ts';

export type Counting = ReturnType<typeof createCounting>;

/** Oldest first; none for an endpoint that is not there. */
export type TestsOf = (endpointId: number) => readonly Test[];

/** A prediction's reward is `after` where it was `before`. */
export type Rewarded = { target: LabelTarget; before: number | null; after: number };

type Row = Pick<
  LabelTarget,
  'id' | 'endpointId' | 'arm' | 'version' | 'unit' | 'inputUnit' | 'receivedMs' | 'revision'
> & {
  apart: number | boolean;
};
/** `ours`: the arm's own version answered, not the one before it that stood in while this was loaded. */
type Found = { place: Place; unit: string | null; ours: boolean };

const one = (y: number) => ({ y, n: 1 });

export function createCounting(store: AbTestsStore, testsOf: TestsOf, now: () => number) {
  function find(row: Row): Found | null {
    if (row.apart) return null;
    const found = locate(testsOf(row.endpointId), row.revision, row.receivedMs);
    const arm = found?.test.arms.find(({ key }) => key === row.arm);
    if (!found || !arm) return null;
    const { since, startedMs } = found.test;
    const place = {
      ...{ endpointId: row.endpointId, since, startedMs, arm: row.arm },
      ...{ first: since, period: found.period.revision },
    };
    return { place, unit: unitOf(row), ours: arm.version === row.version };
  }

  function count(tally: Tally, endpointId: number, row: LoggedRow): void {
    const found = find({
      ...row,
      ...{
        endpointId,
        revision: row.revision ?? null,
        inputUnit: row.inputUnit ?? null,
        apart: row.apart ?? false,
      },
    });
    if (!found) return;
    const { place, unit, ours } = found;
    tally.change(place, unit, 'traffic', NOTHING, one(0));
    if (!ours) return;
    tally.change(place, unit, 'reward-rate', NOTHING, one(0));
    if (row.score !== null) tally.change(place, unit, 'score-mean', NOTHING, one(row.score));
    tally.latency(place, 'answer').add(row.latencyUs / 1000);
  }

  return {
    logged(rows: ReadonlyMap<number, readonly LoggedRow[]>): void {
      const tally = createTally(store, now());
      for (const [endpointId, each] of rows) {
        if (testsOf(endpointId).length === 0) continue;
        for (const row of each) count(tally, endpointId, row);
      }
      tally.flush();
    },
    labelled(changes: readonly Labelled[]): void {
      const tally = createTally(store, now());
      for (const { target, label, decision } of changes) {
        const found = find(target);
        if (!found?.ours) continue;
        const was = target.truth === null ? null : isRight(decision, target, target.truth);
        const is = isRight(decision, target, label);
        const part = (right: boolean | null) => (right === null ? NOTHING : one(Number(right)));
        tally.change(found.place, found.unit, 'accuracy', part(was), part(is));
      }
      tally.flush();
    },
    rewarded(changes: readonly Rewarded[]): void {
      const tally = createTally(store, now());
      const hit = (reward: number | null) => one(Number(reward !== null && reward > 0));
      for (const { target, before, after } of changes) {
        const found = find(target);
        if (!found?.ours) continue;
        const { place, unit } = found;
        tally.change(place, unit, 'reward-mean', before === null ? NOTHING : one(before), one(after));
        tally.change(place, unit, 'reward-rate', hit(before), hit(after));
      }
      tally.flush();
    },
    /** A second of the gateway's counters. Each request is independent here, and apart ones are among them. */
    requests(
      endpointId: number,
      arms: readonly Pick<ArmCounters, 'arm' | 'version' | 'requests' | 'errors' | 'rowTimes'>[],
    ): void {
      const tests = testsOf(endpointId);
      const found = locate(tests, null, now());
      if (!found || found.test.endedMs !== null) return;
      const { since, startedMs, arms: own } = found.test;
      const period = found.period.revision;
      const tally = createTally(store, now());
      for (const { arm, version, requests, errors, rowTimes } of arms) {
        if (!own.some((each) => each.key === arm && each.version === version)) continue;
        const place = { endpointId, since, startedMs, first: since, period, arm };
        tally.times(place, 'error-rate', 0, requests);
        tally.times(place, 'error-rate', 1, errors);
        tally.latency(place, 'model').merge(rowTimes);
      }
      tally.flush();
    },
  };
}

/**
 * Who was assigned: the named unit, else the input that stood for it. Where the split asked for neither, the request
 * if it has several rows, else the row itself.
 */
export function unitOf({ id, unit, inputUnit }: Pick<Row, 'id' | 'unit' | 'inputUnit'>): string | null {
  if (unit !== null) return `u:${unit}`;
  if (inputUnit !== null) return `i:${inputUnit}`;
  const row = /#\d+$/.exec(id);
  return row ? `r:${id.slice(0, row.index)}` : null;
}
