/** The trash: things go in, come back, and go for good; and the hourly clean-up that keeps the disk free. */
import { LatheError } from '../../../contract/errors.ts';
import type { Settings } from '../../../contract/settings.ts';
import type { Discardable, TidyReport, TrashKind, TrashRef, VerifyReport } from '../../../contract/trash.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { nextTurn } from '../../turns.ts';
import type { Activities, ActivityHandle } from '../activity/index.ts';
import type { Tracking } from '../experiments/index.ts';
import type { Registry } from '../models/index.ts';
import { createCollector, type Swept } from './collector.ts';
import { createPurger, Stopped } from './purge.ts';
import { type Choice, choose, type ListWanted, pageOfTrash, trashCounts, weigh } from './trash.query.ts';
import { type Chosen, countOf, KINDS, undoLimits, wordsOf } from './trash.rules.ts';
import { createTrashStore } from './trash.store.ts';
import { verifyBlobs } from './verify.ts';

export type TrashDeps = {
  activities: Activities;
  tracking: Pick<Tracking, 'deleteExperiment' | 'restoreExperiment' | 'restoreRun'>;
  registry: Pick<Registry, 'removeModel' | 'removeVersion'>;
  settings(): Settings['trash'];
};
export type TrashService = ReturnType<typeof createTrashService>;

/** Rows marked or moved at once. */
const SLICE = 100;
/** An unused file stays this long, for whoever is about to use it. */
const GRACE_MS = 3_600_000;
const NOTHING: TidyReport = { items: 0, blobs: 0, blobBytes: 0, databaseBytes: 0 };

export function createTrashService(context: AreaContext, deps: TrashDeps) {
  const { db, readers, clock, events, log } = context;
  const store = createTrashStore(db);
  const collector = createCollector(context);
  const purger = createPurger(context, collector.letGo);
  const closing = new AbortController();
  /** Clean-ups go one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };
  const changed = () => events.changed('trash', 'experiments', 'models', 'overview');
  const missing = (kind: string, name: string) => new LatheError('LATHE_NOT_FOUND', { kind, name });

  function discardOne(item: Exclude<Discardable, { kind: 'run' }>): TrashRef {
    if (item.kind === 'experiment') {
      const id = store.experiment(item.id);
      if (id === null) throw missing('experiment', item.id);
      deps.tracking.deleteExperiment(String(id));
      return item;
    }
    const { kind, name } = item;
    const id = kind === 'model' ? store.model(name) : store.version(name, item.version);
    if (id === null) throw missing(kind, kind === 'model' ? name : `${name} ${item.version}`);
    if (kind === 'model') deps.registry.removeModel(name);
    else deps.registry.removeVersion(name, item.version);
    return { kind, id };
  }

  const RESTORE: Record<TrashKind, (id: string) => Promise<void> | void> = {
    experiment(uuid) {
      const id = store.experiment(uuid);
      if (id === null) throw missing('experiment in the trash', uuid);
      deps.tracking.restoreExperiment(String(id));
    },
    run: (id) => deps.tracking.restoreRun(id),
    model: (uuid) =>
      inTransaction(db, () => {
        const found = store.deletedModel(uuid);
        if (!found) throw missing('model in the trash', uuid);
        if (store.model(found.name) !== null)
          throw new LatheError('LATHE_TRASH_NAME_TAKEN', { kind: 'model', name: found.name });
        store.restoreModel(found.id, clock.now());
      }),
    version(uuid) {
      if (!inTransaction(db, () => store.restoreVersion(uuid, clock.now())))
        throw missing('model version in the trash', uuid);
    },
    'logged-model'(uuid) {
      if (!store.restoreLoggedModel(uuid, clock.now())) throw missing('logged model in the trash', uuid);
    },
    async artifact(batch) {
      let last = 0;
      for (let restored = 0; ; restored += 1) {
        const files = store.batch(batch, last, SLICE);
        if (files.length === 0 && restored === 0) throw missing('file in the trash', batch);
        if (files.length === 0) return;
        inTransaction(db, () => {
          for (const file of files) store.putBack(file, clock.now());
        });
        last = files.at(-1)?.id ?? last;
        await nextTurn();
      }
    },
  };

  /** From here on nothing of it can be seen; `finish` does the rest. How many things. */
  async function accept(chosen: Chosen): Promise<number> {
    if (chosen.experiment.includes(0)) {
      const { runs, loggedModels } = inTransaction(db, () => store.emptyDefault(clock.now()));
      chosen.experiment = chosen.experiment.filter((id) => id !== 0);
      chosen.run.push(...runs);
      chosen['logged-model'].push(...loggedModels);
    }
    let accepted = 0;
    for (const kind of KINDS)
      for (let at = 0; at < chosen[kind].length; at += SLICE) {
        const ids = chosen[kind].slice(at, at + SLICE);
        accepted += inTransaction(db, () => store.queue(kind, ids, clock.now()));
        await nextTurn();
      }
    changed();
    return accepted;
  }

  /** Rows, then files, then pages. After a crash also files whose row it left removed. */
  async function finish(handle: ActivityHandle, crashed: boolean): Promise<TidyReport> {
    const items = store.pending();
    const signal = AbortSignal.any([closing.signal, handle.signal]);
    const swept = { blobs: 0, bytes: 0 };
    const add = ({ blobs, bytes }: Swept) => {
      swept.blobs += blobs;
      swept.bytes += bytes;
    };
    await purger.drain(
      signal,
      (gone) => handle.progress(gone / Math.max(gone, items + 1), `${gone} of ${items} removed`),
      async () => {
        handle.progress(null, 'Removing files');
        add(await collector.sweep(clock.now(), signal));
        if (crashed) add(await collector.strays(signal, true, 0));
      },
    );
    handle.progress(null, 'Making the database smaller');
    const databaseBytes = await collector.compact(signal);
    changed();
    const report = { items, blobs: swept.blobs, blobBytes: swept.bytes, databaseBytes };
    handle.done(freedWords(report));
    return report;
  }

  async function asActivity(title: string, crashed = false): Promise<TidyReport> {
    const handle = deps.activities.start({ kind: 'cleanup', title, href: '/trash' });
    try {
      return await finish(handle, crashed);
    } catch (thrown) {
      if (thrown instanceof Stopped) handle.done('Goes on when Lathe starts again');
      else handle.failed(thrown);
      throw thrown;
    }
  }

  async function purge(choice: Choice): Promise<{ accepted: number; freed: Promise<TidyReport> }> {
    const chosen = await choose(readers, choice);
    const accepted = await accept(chosen);
    const freed =
      accepted === 0
        ? Promise.resolve(NOTHING)
        : inTurn(() => asActivity(`Delete ${wordsOf(chosen)} for good`));
    freed.catch((thrown: unknown) => log.warn({ err: thrown }, 'deleting for good was interrupted'));
    return { accepted, freed };
  }

  return {
    list: (wanted: ListWanted) => pageOfTrash(readers, wanted, deps.settings()),
    counts: () => trashCounts(readers),
    async discard(items: readonly Discardable[]): Promise<TrashRef[]> {
      const refs: TrashRef[] = items.flatMap((item) => (item.kind === 'run' ? [] : [discardOne(item)]));
      const runs = items.flatMap((item) => (item.kind === 'run' ? [item.id] : []));
      for (let at = 0; at < runs.length; at += SLICE) {
        store.discardRuns(runs.slice(at, at + SLICE), clock.now());
        await nextTurn();
      }
      changed();
      return [...refs, ...runs.map((id): TrashRef => ({ kind: 'run', id }))];
    },
    async restore(items: readonly TrashRef[]): Promise<number> {
      try {
        for (const { kind, id } of items) {
          await RESTORE[kind](id);
          await nextTurn();
        }
      } finally {
        changed();
      }
      return items.length;
    },
    weigh: async (choice: Choice) => weigh(readers, await choose(readers, choice)),
    purge: async (choice: Choice): Promise<number> => (await purge(choice)).accepted,
    /** Deletes for good and waits for the end. */
    empty: async (choice: Choice): Promise<TidyReport> => (await purge(choice)).freed,
    /** What has had its time goes; files that nothing uses go; free pages go back. */
    async tidy(): Promise<TidyReport> {
      const limits = undoLimits(clock.now(), deps.settings());
      const expired = await choose(readers, limits);
      const purged = countOf(expired) === 0 ? NOTHING : await (await purge(limits)).freed;
      return inTurn(async () => {
        const { signal } = closing;
        await collector.markAll(signal);
        const swept = await collector.sweep(clock.now() - GRACE_MS, signal);
        const strays = await collector.strays(signal, true);
        const databaseBytes = await collector.compact(signal);
        return {
          items: purged.items,
          blobs: purged.blobs + swept.blobs + strays.blobs,
          blobBytes: purged.blobBytes + swept.bytes + strays.bytes,
          databaseBytes: purged.databaseBytes + databaseBytes,
        };
      });
    },
    /** What a crash interrupted goes on. */
    async resume(): Promise<void> {
      if (store.pending() > 0) await inTurn(() => asActivity('Finish deleting for good', true));
    },
    verify: (): Promise<VerifyReport> =>
      deps.activities.run(
        { kind: 'cleanup', title: 'Check every stored file', cancellable: true, href: '/trash' },
        (handle) => verifyBlobs(context, collector, handle),
      ),
    async usage() {
      const [row] = await readers.all<{ files: number; fileBytes: number; unusedBytes: number }>(
        `SELECT COUNT(*) AS files, COALESCE(SUM(size), 0) AS fileBytes,
           (SELECT COALESCE(SUM(size), 0) FROM blob WHERE unused_ms IS NOT NULL) AS unusedBytes FROM blob`,
      );
      return { ...collector.usage(), files: 0, fileBytes: 0, unusedBytes: 0, ...row };
    },
    /** Waits for the slice under way; what is left goes on at the next start. */
    async close(): Promise<void> {
      closing.abort();
      await turn;
    },
  };
}

const freedWords = ({ blobBytes, databaseBytes }: TidyReport): string =>
  `${Math.round((blobBytes + databaseBytes) / 1024).toLocaleString('en')} KiB freed`;
