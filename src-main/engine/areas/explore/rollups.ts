/**
 * Keeps charts quick: packs series that are slow to read, as soon as somebody looks at one, and all others when
 * nothing else goes on. Worked out on a reader thread, written here in small steps.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AreaContext } from '../../context.ts';
import { nextTurn } from '../../turns.ts';
import { createRollupStore } from './rollup.store.ts';
import type { Built, Step, ToPack } from './rollup-build.ts';

export type Rollups = {
  /** These are to be packed soon. */
  want(series: readonly number[]): void;
  /** Resolves when all that has so many unpacked points that it matters is packed. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

/** Fewer points are read one by one as quickly. */
const WORTH_PACKING = 64;
const AT_ONCE = 64;
const SWEEP_LIMIT = 1_000;
/** After a change: what is logged in this time is packed together. */
const QUIET_MS = 10_000;
const START_MS = 3_000;
/** Between portions, so that queries and the writer's other work come in. */
const PAUSE_MS = 10;
const SLICE_BYTES = 128 * 1024;
/**
 * Written without a break, the WAL never becomes empty, and at its net the writer itself would have to write it back,
 * for over 100 ms (see checkpointer.ts). A break longer than the checkpointer's turn lets it start anew.
 */
const REST_BYTES = 16 * 1024 * 1024;
const REST_MS = 3_000;

const UNPACKED = `SELECT s.id FROM series s LEFT JOIN rollup_head h ON h.series_id = s.id
  WHERE s.id > ? AND s.n - COALESCE(h.n, 0) >= ? ORDER BY s.id LIMIT ?`;

export function createRollups(
  { db, readers, events, log }: Pick<AreaContext, 'db' | 'readers' | 'events' | 'log'>,
  build: (series: readonly ToPack[]) => Promise<Built>,
): Rollups {
  const store = createRollupStore(db);
  const wanted = new Map<number, ToPack>();
  const add = (series: number, verified: number | null = null) => wanted.set(series, { series, verified });
  let working: Promise<void> | null = null;
  let closed = false;
  /** Bytes since the last rest. */
  let written = 0;
  const ending = new AbortController();
  let timer: NodeJS.Timeout | null = null;

  const sweepIn = (ms: number) => {
    if (timer || closed) return;
    timer = setTimeout(() => {
      timer = null;
      sweep().catch(failed);
    }, ms);
    timer.unref();
  };
  const failed = (thrown: unknown) => {
    if (!closed) log.warn({ err: thrown }, 'charts could not be prepared');
  };
  const unlisten = events.listen((event) => {
    if (event.type === 'changed' && event.topics.includes('experiments')) sweepIn(QUIET_MS);
  });
  sweepIn(START_MS);

  async function sweep(): Promise<void> {
    for (let after = 0; !closed; ) {
      const found = await readers.all<{ id: number }>(UNPACKED, [after, WORTH_PACKING, SWEEP_LIMIT]);
      for (const { id } of found) add(id);
      await work();
      if (found.length < SWEEP_LIMIT) return;
      after = found.at(-1)?.id ?? after;
    }
  }

  function work(): Promise<void> {
    working ??= packAll()
      .catch(failed)
      .finally(() => {
        working = null;
      });
    return working;
  }
  async function packAll(): Promise<void> {
    while (wanted.size > 0 && !closed) {
      const portion = [...wanted.values()].slice(0, AT_ONCE);
      for (const { series } of portion) wanted.delete(series);
      const { steps, unfinished } = await build(portion);
      for (const slice of slicesOf(steps)) {
        if (closed) return;
        store.put(slice);
        // Each in a turn of its own.
        await nextTurn();
      }
      written += steps.reduce((sum, step) => sum + sizeOf(step), 0);
      for (const { series, verified } of unfinished) add(series, verified);
      const rest = written >= REST_BYTES;
      if (rest) written = 0;
      await sleep(rest ? REST_MS : PAUSE_MS, undefined, { ref: false, signal: ending.signal }).catch(
        () => {},
      );
    }
  }

  return {
    want(series) {
      for (const id of series) add(id);
      if (wanted.size > 0 && !closed) void work();
    },
    settle: sweep,
    async close() {
      closed = true;
      ending.abort();
      unlisten();
      if (timer) clearTimeout(timer);
      await working;
    },
  };
}

const sizeOf = ({ chunks }: Step): number => chunks.reduce((sum, { data }) => sum + data.byteLength, 0);

/** As many steps as are written in a few ms, at least one. */
function slicesOf(steps: readonly Step[]): Step[][] {
  const slices: Step[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    if (size + sizeOf(step) > SLICE_BYTES) {
      slices.push([]);
      size = 0;
    }
    slices.at(-1)?.push(step);
    size += sizeOf(step);
  }
  return slices;
}
