/**
 * Features over time, remembered: only windows that new rows touched are read and scored again, on a reader thread. What
 * is remembered is bounded; the oldest look is forgotten first.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SPANS, WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import { nextTurn } from '../../turns.ts';
import type { Rows } from './panes.store.ts';
import type { WatchedFeature } from './plans.ts';
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
  dirty: Set<number>;
  turn: Promise<unknown>;
};

/** Looks that are remembered: an endpoint's page has one for each arm and window size. */
const MAX_LOOKS = 24;
const MAX_DIRTY = 10_000;

export type WindowRows = Rows & { windowMs: number };

/** From so many features on the work is shared between reader threads. */
const SHARED = 12;

/** Windows of a feature that are looked up before the thread is let go: a millisecond or two. */
const LOOKUPS_A_TURN = 4_000;

/** Called with how much was done since; lets the thread go when that is enough for one turn. */
function paced(): (done: number) => Promise<void> | undefined {
  let since = 0;
  return (done) => {
    since += done;
    if (since < LOOKUPS_A_TURN) return undefined;
    since = 0;
    return nextTurn();
  };
}

export const spanMs = (per: WindowSize): number => SPANS[per] * WINDOW_SIZE_MS[per];

export function createTimelines({ readers, paths }: Pick<AreaContext, 'readers' | 'paths'>) {
  const looks = new Map<string, Looked>();
  const module = jobFile(paths.bundles);

  async function ask(
    view: View,
    features: View['features'],
    windows: readonly number[],
    withBins: boolean,
  ): Promise<Timeline[]> {
    if (features.length >= SHARED) {
      const half = features.length >> 1;
      const parts = [features.slice(0, half), features.slice(half)];
      return (await Promise.all(parts.map((part) => read(view, part, windows, withBins)))).flat();
    }
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

  function lookOf(view: View): Looked {
    const known = looks.get(view.key);
    looks.delete(view.key);
    const { endpointId, per } = view;
    const look = known ?? { endpointId, per, facts: new Map(), dirty: new Set(), turn: Promise.resolve() };
    looks.set(view.key, look);
    const oldest = looks.keys().next();
    if (looks.size > MAX_LOOKS && !oldest.done) looks.delete(oldest.value);
    return look;
  }

  /** Reads what of `windows` is not known, or not any more, of one of the features. */
  async function update(look: Looked, view: View, features: View['features'], windows: readonly number[]) {
    // Features may have been looked at over different windows before; they are brought to the same ones.
    const stale = await staleOf(look, features, windows);
    if (stale.length === 0) return;
    const dirty = stale.filter((at) => look.dirty.delete(at));
    try {
      const found = await ask(view, features, stale, false);
      // Of what was dirty, the other features' facts are old.
      const own = new Set(features.map(({ name }) => name));
      for (const [name, known] of look.facts) if (!own.has(name)) for (const at of dirty) known.delete(at);
      const pace = paced();
      for (const [index, { name }] of features.entries()) {
        await pace(stale.length);
        const known = look.facts.get(name) ?? new Map<number, Float64Array>();
        look.facts.set(name, known);
        const { facts } = found[index] as Timeline;
        for (const [at, windowMs] of stale.entries())
          known.set(windowMs, facts.subarray(at * FIELDS.length, (at + 1) * FIELDS.length));
      }
    } catch (thrown) {
      for (const at of dirty) look.dirty.add(at);
      throw thrown;
    }
  }

  async function staleOf(look: Looked, features: View['features'], windows: readonly number[]) {
    const facts = features.map(({ name }) => look.facts.get(name));
    if (facts.includes(undefined)) return windows;
    const stale: number[] = [];
    const pace = paced();
    for (const at of windows) {
      if (look.dirty.has(at) || facts.some((known) => !known?.has(at))) stale.push(at);
      if (features.length > 1) await pace(features.length);
    }
    return stale;
  }

  return {
    /** Rows per window in [fromMs, toMs], rising in time, and the versions that they are of. */
    async rows(input: RowsInput): Promise<{ rows: WindowRows[]; versions: string[] }> {
      const { windows, versions } = await readers.job<RowsRead>(module, { job: 'rows', input });
      const rows: WindowRows[] = [];
      for (let at = 0; at < windows.length; at += ROW_FIELDS.length) {
        const [windowMs = 0, n = 0, skewed = 0, unlogged = 0] = windows.subarray(at, at + ROW_FIELDS.length);
        rows.push({ windowMs, rows: n, skewed, unlogged });
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
      const work = async () => {
        await update(look, view, features, windows);
        const found = new Map<string, Float64Array[]>();
        const pace = paced();
        for (const { name } of features) {
          const known = look.facts.get(name);
          found.set(
            name,
            windows.map((at) => known?.get(at) as Float64Array),
          );
          await pace(windows.length);
        }
        return found;
      };
      const turn = look.turn.then(work, work);
      look.turn = turn.catch(() => {});
      return turn;
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

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const jobFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? new URL('./timeline-job.ts', import.meta.url).href
    : pathToFileURL(join(bundles, 'engine', 'monitoring-timelines.js')).href;
