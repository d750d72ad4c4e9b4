/**
 * Counts what happened to rows of a test: the units they belong to and the sums of their arms. It is gathered in
 * memory and written at the end, in the transaction of whatever it counts.
 */
import { createHistogram, type Histogram } from '../../../platform/histogram.ts';
import type { AbTestsStore, Counted, LatencyKind, UnitKey, UnitRow } from './ab-tests.store.ts';
import { addChange, addSums, emptySums, type Sums, type UnitTotal } from './moments.rules.ts';
import { slotOf } from './tests.rules.ts';

/** Where a row counts. */
export type Place = {
  endpointId: number;
  since: number;
  startedMs: number;
  /** The first period of the test, and the row's. */
  first: number;
  period: number;
  arm: string;
};

export type Tally = {
  /** A row's part in a metric was `before` and is `after`. `unit` is null for a row that is a unit of its own. */
  change(place: Place, unit: string | null, metric: Counted, before: UnitTotal, after: UnitTotal): void;
  /** So many units with one value `y` each. */
  times(place: Place, metric: Counted, y: number, times: number): void;
  latency(place: Place, kind: LatencyKind): Histogram;
  flush(): void;
};

export const NOTHING: UnitTotal = { y: 0, n: 0 };

/** The columns of a unit's row; errors are counted by request. */
const COLUMNS: Partial<Record<Counted, readonly [n: keyof UnitRow, y: keyof UnitRow | null]>> = {
  traffic: ['trafficN', null],
  'reward-rate': ['rateN', 'rateY'],
  'score-mean': ['scoreN', 'scoreY'],
  accuracy: ['accuracyN', 'accuracyY'],
  'reward-mean': ['rewardN', 'rewardY'],
};

export function createTally(store: AbTestsStore, nowMs: number): Tally {
  const sums = new Map<string, { place: Place; metric: Counted; sums: Sums }>();
  const units = new Map<string, { key: UnitKey; row: UnitRow }>();
  const latencies = new Map<string, { place: Place; kind: LatencyKind; times: Histogram }>();

  function sumsOf(place: Place, metric: Counted): Sums {
    const key = `${place.endpointId} ${place.period} ${place.arm} ${metric}`;
    const known = sums.get(key);
    if (known) return known.sums;
    const made = emptySums();
    sums.set(key, { place, metric, sums: made });
    return made;
  }

  function unitOf({ endpointId, since, first, period, arm }: Place, unit: string) {
    const name = `${endpointId} ${period} ${arm} ${unit}`;
    const known = units.get(name);
    if (known) return known;
    const key = { endpointId, since, unit, period, arm };
    const row = store.unit(key) ?? emptyUnit(period > first && store.metBefore(key));
    const made = { key, row };
    units.set(name, made);
    return made;
  }

  return {
    change(place, unit, metric, before, after) {
      const columns = COLUMNS[metric];
      if (unit === null || !columns) {
        addChange(sumsOf(place, metric), before, after, false);
        return;
      }
      const { row } = unitOf(place, unit);
      const [n, y] = columns;
      const was = { n: row[n], y: y === null ? 0 : row[y] };
      const is = { n: was.n + after.n - before.n, y: was.y + after.y - before.y };
      row[n] = is.n;
      if (y !== null) row[y] = is.y;
      addChange(sumsOf(place, metric), was, is, row.back === 1);
    },
    times(place, metric, y, times) {
      const many = { units: times, back: 0, n: times, nn: times };
      addSums(sumsOf(place, metric), { ...many, y: y * times, yy: y * y * times, yn: y * times });
    },
    latency(place, kind) {
      const key = `${place.endpointId} ${place.since} ${place.arm} ${kind}`;
      const known = latencies.get(key) ?? { place, kind, times: createHistogram() };
      latencies.set(key, known);
      return known.times;
    },
    flush() {
      for (const { key, row } of units.values()) store.putUnit(key, row);
      for (const { place, metric, sums: each } of sums.values()) {
        const { endpointId, since, period, arm } = place;
        store.addSum({ endpointId, since, metric, slot: slotOf(nowMs - place.startedMs), period, arm }, each);
      }
      for (const { place, kind, times } of latencies.values()) {
        const { endpointId, since, arm } = place;
        times.merge(store.latency(endpointId, since, arm, kind));
        store.putLatency(endpointId, since, arm, kind, times.packed());
      }
      for (const each of [sums, units, latencies]) each.clear();
    },
  };
}

const emptyUnit = (back: boolean): UnitRow => ({
  back: Number(back),
  trafficN: 0,
  rateN: 0,
  rateY: 0,
  scoreN: 0,
  scoreY: 0,
  accuracyN: 0,
  accuracyY: 0,
  rewardN: 0,
  rewardY: 0,
});
