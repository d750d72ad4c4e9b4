/**
 * Features over time, remembered: only windows that new rows touched are read and scored again, on a reader thread. What
 * is remembered is bounded; the oldest look is forgotten first.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SPANS, WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import type { Rows } from './panes.store.ts';
import type { WatchedFeature } from './plans.ts';
import { type BinnedMethod, SCORE_FIELDS } from './scores.rules.ts';
import type { ScoresInput } from './scores-read.ts';
import { cellsOf, FIELDS, type Timeline } from './timeline.rules.ts';
import {
  ROW_FIELDS,
  type RowsInput,
  type RowsRead,
  type TimelineFeature,
  type TimelineInput,
} from './timeline-job.ts';

/** What to look at: an endpoint's features as one version froze them, and whose panes are on that grid. */
export type View = {
  endpointId: number;
  per: WindowSize;
  arm: string | null;
  features: readonly (WatchedFeature & { versions: readonly string[] })[];
  /** Differs when anything of the above, or what it is compared with, does. */
  key: string;
};

type Looked = {
  endpointId: number;
  per: WindowSize;
  /** By feature, the facts of each window. */
  facts: Map<string, Map<number, Float64Array>>;
  /** By method and features, SCORE_FIELDS of these of each window. */
  scores: Map<string, Map<number, Float64Array>>;
  dirty: Set<number>;
  turn: Promise<unknown>;
};

/** Looks that are remembered: an endpoint's page has one for each arm and window size. */
const MAX_LOOKS = 24;
const MAX_DIRTY = 10_000;

export type WindowRows = Rows & { windowMs: number };

/** From so many features, or windows of hours and days, on the work is shared between reader threads. */
const SHARED = 12;
const LONG = 500;
/** A minute's blob has all features: threads share the time, so that not each of them reads all. */
const isLong = (per: WindowSize, windows: readonly number[]): boolean =>
  windows.length >= (per === 'minute' ? SPANS.minute : LONG);

export const spanMs = (per: WindowSize): number => SPANS[per] * WINDOW_SIZE_MS[per];

export function createTimelines({ readers, paths }: Pick<AreaContext, 'readers' | 'paths'>) {
  const looks = new Map<string, Looked>();
  const module = jobFile(paths.bundles);

  /** Shared between the reader threads where it is much: by features, or by time. */
  async function ask(
    view: View,
    features: View['features'],
    windows: readonly number[],
    withBins: boolean,
  ): Promise<Timeline[]> {
    if (isLong(view.per, windows)) {
      const parts = halves(windows).map((part) => read(view, features, part, withBins));
      const [early = [], late = []] = await Promise.all(parts);
      return early.map((timeline, at) => joined(timeline, late[at] as Timeline));
    }
    if (features.length >= SHARED)
      return (await Promise.all(halves(features).map((part) => read(view, part, windows, withBins)))).flat();
    return read(view, features, windows, withBins);
  }

  function read(view: View, features: View['features'], windows: readonly number[], withBins: boolean) {
    const input: TimelineInput = {
      ...{ endpointId: view.endpointId, per: view.per, arm: view.arm, windows, withBins },
      spanMs: spanMs(view.per),
      features: features.map(
        ({ name, grid, baseline, versions }): TimelineFeature => ({
          ...{ name, baseline, versions },
          cells: cellsOf(grid),
        }),
      ),
    };
    return readers.job<Timeline[]>(module, { job: 'timelines', input });
  }

  function readScores(
    view: View,
    features: View['features'],
    method: BinnedMethod,
    windows: readonly number[],
  ): Promise<Float64Array> {
    const input: ScoresInput = {
      ...{ endpointId: view.endpointId, per: view.per, arm: view.arm, windows, method },
      spanMs: spanMs(view.per),
      features: features.map(({ name, layoutId, versions, baseline: { binOfCell, reference } }) => ({
        ...{ name, layoutId, versions, binOfCell, reference },
      })),
    };
    return readers.job<Float64Array>(module, { job: 'scores', input });
  }

  function lookOf(view: View): Looked {
    const known = looks.get(view.key);
    looks.delete(view.key);
    const { endpointId, per } = view;
    const look = known ?? {
      ...{ endpointId, per, facts: new Map(), scores: new Map() },
      ...{ dirty: new Set<number>(), turn: Promise.resolve() },
    };
    looks.set(view.key, look);
    const oldest = looks.keys().next();
    if (looks.size > MAX_LOOKS && !oldest.done) looks.delete(oldest.value);
    return look;
  }

  /** Reads what of a look is not known, or not any more, in its turn; `read` gives what then keeps it. */
  async function renew(
    look: Looked,
    windows: readonly number[],
    lacks: (windowMs: number) => boolean,
    read: (stale: readonly number[]) => Promise<() => void>,
  ): Promise<void> {
    const work = async () => {
      const stale = windows.filter((at) => look.dirty.has(at) || lacks(at));
      if (stale.length === 0) return;
      const dirty = stale.filter((at) => look.dirty.delete(at));
      try {
        const keep = await read(stale);
        // Of what was dirty, all else that is known is old.
        for (const known of [...look.facts.values(), ...look.scores.values()])
          for (const at of dirty) known.delete(at);
        keep();
      } catch (thrown) {
        for (const at of dirty) look.dirty.add(at);
        throw thrown;
      }
    };
    const turn = look.turn.then(work, work);
    look.turn = turn.catch(() => {});
    await turn;
  }

  return {
    /** Rows per window in [fromMs, toMs], rising in time, and the versions that they are of. */
    async rows(input: RowsInput): Promise<{ rows: WindowRows[]; versions: string[] }> {
      const { windows, versions } = await readers.job<RowsRead>(module, { job: 'rows', input });
      const rows: WindowRows[] = [];
      for (let at = 0; at < windows.length; at += ROW_FIELDS.length) {
        const [windowMs, n, skewed, unlogged] = [
          windows[at],
          windows[at + 1],
          windows[at + 2],
          windows[at + 3],
        ];
        rows.push({ windowMs, rows: n, skewed, unlogged } as WindowRows);
      }
      return { rows, versions };
    },

    /** Says that minutes have changed: the spans of every length that contain them change too. */
    touch(endpointId: number, minutes: Iterable<number>): void {
      const own = [...looks].filter(([, look]) => look.endpointId === endpointId);
      for (const [key, { per, dirty }] of own) {
        const size = WINDOW_SIZE_MS[per];
        for (const minute of minutes) {
          const windowMs = Math.floor(minute / size) * size;
          for (let at = 0; at < SPANS[per]; at++) dirty.add(windowMs + at * size);
        }
        // Nobody has looked for long.
        if (dirty.size > MAX_DIRTY) looks.delete(key);
      }
    },

    /** Facts (FIELDS) of the spans that end with each of `windows`, by feature. */
    async facts(
      view: View,
      features: View['features'],
      windows: readonly number[],
    ): Promise<Map<string, Float64Array[]>> {
      const look = lookOf(view);
      // Features may have been looked at over different windows before; they are brought to the same ones.
      const lacks = (at: number) => features.some(({ name }) => !look.facts.get(name)?.has(at));
      await renew(look, windows, lacks, async (stale) => {
        const found = await ask(view, features, stale, false);
        return () => {
          for (const [index, { name }] of features.entries()) {
            const known = look.facts.get(name) ?? new Map<number, Float64Array>();
            look.facts.set(name, known);
            keepParts(known, stale, (found[index] as Timeline).facts, FIELDS.length);
          }
        };
      });
      return new Map(
        features.map(({ name }) => [
          name,
          windows.map((at) => look.facts.get(name)?.get(at) as Float64Array),
        ]),
      );
    },

    /** SCORE_FIELDS of these of the view's features, of the spans that end with each of `windows`. */
    async scores(
      view: View,
      features: View['features'],
      method: BinnedMethod,
      windows: readonly number[],
    ): Promise<Float64Array[]> {
      const look = lookOf(view);
      const key = JSON.stringify([method, ...features.map(({ name }) => name)]);
      const known = look.scores.get(key) ?? new Map<number, Float64Array>();
      look.scores.set(key, known);
      await renew(
        look,
        windows,
        (at) => !known.has(at),
        async (stale) => {
          const parts = isLong(view.per, stale) ? halves(stale) : [stale];
          const found = await Promise.all(parts.map((part) => readScores(view, features, method, part)));
          return () => {
            for (const [at, part] of parts.entries())
              keepParts(known, part, found[at] as Float64Array, SCORE_FIELDS * features.length);
          };
        },
      );
      return windows.map((at) => known.get(at) as Float64Array);
    },

    /** One feature's spans with the counts in their bins, not remembered. */
    async binned(
      view: View,
      feature: View['features'][number],
      windows: readonly number[],
    ): Promise<Timeline> {
      const [timeline] = await ask(view, [feature], windows, true);
      return timeline as Timeline;
    },
  };
}

const halves = <T>(all: readonly T[]): (readonly T[])[] => {
  const half = all.length >> 1;
  return [all.slice(0, half), all.slice(half)];
};

/** Each window's own part of what was found. */
function keepParts(
  known: Map<number, Float64Array>,
  windows: readonly number[],
  found: Float64Array,
  width: number,
): void {
  for (const [at, windowMs] of windows.entries())
    known.set(windowMs, found.subarray(at * width, (at + 1) * width));
}

function joined(early: Timeline, late: Timeline): Timeline {
  const both = (a: Float64Array | null, b: Float64Array | null) => {
    if (a === null || b === null) return null;
    const all = new Float64Array(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  return {
    facts: both(early.facts, late.facts) as Float64Array,
    spanBins: both(early.spanBins, late.spanBins),
    ownBins: both(early.ownBins, late.ownBins),
  };
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const jobFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? new URL('./timeline-job.ts', import.meta.url).href
    : pathToFileURL(join(bundles, 'engine', 'monitoring-timelines.js')).href;
