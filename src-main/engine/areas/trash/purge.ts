/**
 * Deletes for good what the table purge names, in slices of a few milliseconds, so that whoever asks the engine
 * meanwhile is answered. Each slice is a transaction of its own; a crash anywhere is taken up again at the next start.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { createPurgeStore, type Doomed } from './purge.store.ts';
import { nextSlice } from './trash.rules.ts';

const LIMITS = { least: 50, most: 2_000 };
/** More than a small run has of anything. */
const SMALL_ROWS = 1_000;
/** After this much work the thread is left to others for as long. */
const BURST_MS = 4;

/** Thrown when the engine closes: what is left waits for the next start. */
export class Stopped extends Error {}

export type Purger = {
  /**
   * Works until nothing is left; `progress` is told after each thing. `sweep` is to remove the files that nothing uses
   * any more: the last thing is pending until that is done, so that a crash meanwhile is taken up again too. Rejects
   * with Stopped when `signal` is aborted.
   */
  drain(signal: AbortSignal, progress: (gone: number) => void, sweep: () => Promise<void>): Promise<void>;
};

/** `letGo` is called in the transaction that ends the use of blobs. */
export function createPurger(
  { db, clock }: Pick<AreaContext, 'db' | 'clock'>,
  letGo: (sha256s: readonly string[]) => void,
): Purger {
  const store = createPurgeStore(db, letGo);
  let worked = 0;
  let rows = LIMITS.least;

  /** One transaction; gives the thread away when it has worked for a while. */
  async function slice<T>(signal: AbortSignal, work: (rows: number) => T): Promise<T> {
    if (signal.aborted) throw new Stopped('the engine closes');
    const begin = performance.now();
    const result = inTransaction(db, () => work(rows));
    const tookMs = performance.now() - begin;
    rows = nextSlice(rows, tookMs, LIMITS);
    worked += tookMs;
    if (worked >= BURST_MS) {
      const pauseMs = Math.min(20, Math.ceil(worked));
      worked = 0;
      await sleep(pauseMs);
    }
    return result;
  }

  /** Repeats a slice that says whether more may be left. */
  async function all(signal: AbortSignal, work: (rows: number) => boolean): Promise<void> {
    while (await slice(signal, work));
  }

  /** Takes a part away, and says whether there may be more. */
  type Part = (rows: number) => boolean;

  function filesBelow(root: string | null): Part[] {
    if (!root) return [];
    const kept = store.kept(root);
    let cursor: string | null = '';
    return [
      (most) => {
        cursor = cursor === null ? null : store.files(root, cursor, kept, most);
        return cursor !== null;
      },
      (most) => store.binnedFiles(root, most),
    ];
  }

  async function files(signal: AbortSignal, root: string | null): Promise<void> {
    for (const part of filesBelow(root)) await all(signal, part);
  }

  function partsOfRun(id: number, { uuid, root }: { uuid: string; root: string | null }): Part[] {
    return [
      (most) => store.ownModels(uuid, most, clock.now()),
      ...filesBelow(root),
      (most) => {
        const series = store.series(id);
        if (series === null) return false;
        if (!store.rollups(series, most)) store.points(series, most);
        return true;
      },
      (most) => store.params(id, most),
      (most) => store.tags(id, most),
      (most) => store.children(id, most),
    ];
  }

  async function run(signal: AbortSignal, id: number): Promise<void> {
    const found = store.run(id);
    if (!found) return;
    const parts = partsOfRun(id, found);
    const end = () => {
      store.inputs(id);
      store.dropRun(id);
    };
    // Most runs are small, and a transaction for each part of ten thousand of them takes its time.
    if (store.isSmall(id, found.root)) {
      await slice(signal, () => {
        for (const part of parts) while (part(SMALL_ROWS));
        end();
      });
      return;
    }
    for (const part of parts) await all(signal, part);
    await slice(signal, end);
  }

  async function loggedModel(signal: AbortSignal, id: number): Promise<void> {
    const found = store.loggedModel(id);
    if (!found) return;
    await files(signal, found.root);
    await all(signal, (most) => store.loggedMetrics(id, most));
    await slice(signal, () => store.dropLoggedModel(id, found.uuid));
  }

  async function version(signal: AbortSignal, id: number): Promise<void> {
    const found = store.version(id);
    if (!found) return;
    await files(signal, found.root);
    if (!found.owned && found.files !== found.root) await files(signal, found.files);
    await slice(signal, () => store.emptyVersion(id, found.sha256, clock.now()));
  }

  async function model(signal: AbortSignal, id: number): Promise<void> {
    for (let next = store.versionOf(id); next !== null; next = store.versionOf(id))
      await version(signal, next);
    await slice(signal, () => store.emptyModel(id));
  }

  async function experiment(signal: AbortSignal, id: number): Promise<void> {
    await all(signal, (most) => store.hideChildren(id, most, clock.now()));
    for (let next = store.runOf(id); next !== null; next = store.runOf(id)) await run(signal, next);
    for (let next = store.loggedOf(id); next !== null; next = store.loggedOf(id))
      await loggedModel(signal, next);
    await files(signal, store.experimentRoot(id));
    await slice(signal, () => store.emptyExperiment(id));
  }

  const BY_KIND: Record<Doomed['kind'], (signal: AbortSignal, id: number) => Promise<unknown>> = {
    experiment,
    run,
    'logged-model': loggedModel,
    model,
    version,
    artifact: (signal, id) => slice(signal, () => store.binnedFile(id)),
  };

  return {
    async drain(signal, progress, sweep) {
      let gone = 0;
      for (let next = store.next(); next !== null; next = store.next()) {
        const doomed = next;
        await BY_KIND[doomed.kind](signal, doomed.id);
        if (store.isLast()) await sweep();
        await slice(signal, () => store.done(doomed));
        gone += 1;
        progress(gone);
      }
    },
  };
}
