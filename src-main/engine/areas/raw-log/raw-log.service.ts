/**
 * The raw rows behind monitoring. A served row's features are in SQLite while they are hot; then the analysis process
 * writes them to a Parquet file, and only when that is on disk and recorded are they cleared. A crash in between leaves
 * a file that no row knows, which is removed at the next start: nothing is lost and nothing is there twice.
 */
import { mkdirSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Datatype, FeatureValue, TensorSpec } from '../../../contract/common.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { CaptureSettings, CaptureStatus } from '../../../contract/monitoring.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import { jobUrl } from '../../analysis/index.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { LogQuery } from './log-reading.ts';
import { BATCH_ROWS, defaultCapture, FILE_SPAN_MS, filesToDrop, HOT_MS, HOT_ROWS } from './raw-log.rules.ts';
import { createRawLogStore, type LogFile } from './raw-log.store.ts';
import type { Moved, RawLogInput } from './raw-log-jobs.ts';

export type RawLogDeps = {
  endpoints: () => readonly Pick<EndpointRecord, 'id' | 'name' | 'model' | 'arms'>[];
  /** Of a model version; null when there is none. */
  inputs: (model: string, version: string) => readonly TensorSpec[] | null;
  retentionDays: () => number;
  /** What the counts take, per day of event time. */
  countBytesPerDay: (endpointId: number) => Promise<number | null>;
};

export type RawLog = ReturnType<typeof createRawLogService>;

/** Rows whose features are cleared in one go: a few milliseconds. */
const CLEAR_SLICE = 500;
const LOOK_EVERY_MS = 5_000;
/** A file that is not recorded any more may still be read by a job that began before. */
const UNLINK_AFTER_MS = 10 * 60_000;

export function createRawLogService(context: AreaContext, deps: RawLogDeps) {
  const { analysis, clock, db, log, paths } = context;
  const store = createRawLogStore(db);
  const jobs = jobUrl(import.meta.url, 'raw-log-jobs', paths.bundles);
  const masks = new Map<number, ReadonlySet<string>>();
  const leaving: { file: string; atMs: number }[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const root = join(paths.root, 'monitoring');
  const folderOf = (endpointId: number) => join(root, String(endpointId));

  function endpoint(name: string) {
    const found = deps.endpoints().find((record) => record.name === name);
    if (!found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'endpoint', name });
    return found;
  }

  function settingsOf(endpointId: number): CaptureSettings {
    const usual = defaultCapture(deps.retentionDays());
    const { masked, keepDays, keepBytes } = store.settings(endpointId);
    return { masked, keepDays: keepDays ?? usual.keepDays, keepBytes: keepBytes ?? usual.keepBytes };
  }

  /** Types of the inputs of all versions that the endpoint's arms name. */
  function typesOf(record: Pick<EndpointRecord, 'model' | 'arms'>): Record<string, Datatype> {
    const types: Record<string, Datatype> = {};
    for (const { version } of record.arms)
      for (const { name, datatype } of deps.inputs(record.model, version) ?? []) types[name] ??= datatype;
    return types;
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  /** Moves one batch of the endpoint's hot rows. False when there was none. */
  async function moveBatch(record: Pick<EndpointRecord, 'id' | 'model' | 'arms'>): Promise<boolean> {
    const { movedSeq } = store.watermark(record.id);
    const toSeq = store.endOfBatch(record.id, movedSeq, BATCH_ROWS);
    if (toSeq === null) return false;
    const folder = folderOf(record.id);
    mkdirSync(folder, { recursive: true });
    const before = mergeable(store.files(record.id).at(-1));
    const input: RawLogInput = {
      do: 'move',
      endpointId: record.id,
      folder,
      fromSeq: movedSeq,
      toSeq,
      masked: settingsOf(record.id).masked,
      types: typesOf(record),
      merge: before?.name ?? null,
      name: `${before?.firstSeq ?? movedSeq + 1}-${toSeq}.parquet`,
    };
    const { result: moved } = await analysis.run<Moved>(jobs, input);
    inTransaction(db, () => {
      if (moved) {
        if (before) store.removeFile(before.id);
        store.addFile(record.id, { ...moved, name: input.name, createdMs: before?.createdMs ?? clock.now() });
      }
      store.setMoved(record.id, toSeq);
    });
    if (before && moved) leave(join(folder, before.name));
    await clearMoved(record.id);
    return true;
  }

  /** Few rows that came a while after others go into the same file, so that there are not many small ones. */
  const mergeable = (file: LogFile | undefined): LogFile | null =>
    file && file.rows < HOT_ROWS && clock.now() - file.createdMs < FILE_SPAN_MS ? file : null;

  async function clearMoved(endpointId: number): Promise<void> {
    const { movedSeq, clearedSeq } = store.watermark(endpointId);
    for (let from = clearedSeq; from < movedSeq && !closed; ) {
      const to = Math.min(movedSeq, from + CLEAR_SLICE);
      inTransaction(db, () => {
        store.clear(endpointId, from, to);
        store.setCleared(endpointId, to);
      });
      from = to;
      await pause(1);
    }
  }

  const leave = (file: string) => leaving.push({ file, atMs: clock.now() + UNLINK_AFTER_MS });

  async function unlinkLeaving(): Promise<void> {
    while (leaving[0] && leaving[0].atMs <= clock.now()) {
      const { file } = leaving.shift() as { file: string };
      await rm(file, { force: true });
    }
  }

  function isDue(endpointId: number): boolean {
    const { movedSeq } = store.watermark(endpointId);
    if (store.newestSeq() <= movedSeq) return false;
    const oldest = store.oldestHotMs(endpointId, movedSeq);
    if (oldest === null) return false;
    return clock.now() - oldest >= HOT_MS || store.hasMore(endpointId, movedSeq, HOT_ROWS);
  }

  function prune(endpointId: number): void {
    const drop = filesToDrop(store.files(endpointId), settingsOf(endpointId), clock.now());
    for (const file of drop) {
      store.removeFile(file.id);
      leave(join(folderOf(endpointId), file.name));
    }
  }

  /** `all`: also what is not due yet. */
  async function tend(all: boolean): Promise<void> {
    for (const record of deps.endpoints()) {
      while (!closed && (all || isDue(record.id))) if (!(await moveBatch(record))) break;
      prune(record.id);
    }
    await unlinkLeaving();
  }

  /** Files that no row knows, and temporary ones: what a crash left. */
  async function removeOrphans(): Promise<void> {
    for (const entry of await readdir(root, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory() || !/^\d+$/.test(entry.name)) continue;
      const known = new Set(store.files(Number(entry.name)).map(({ name }) => name));
      for (const name of await readdir(join(root, entry.name)))
        if (!known.has(name)) await rm(join(root, entry.name, name), { force: true });
    }
  }

  function schedule(): void {
    if (closed) return;
    timer = setTimeout(() => {
      inTurn(() => tend(false))
        .catch((thrown: unknown) => {
          if (!closed) log.warn({ err: thrown }, 'moving rows of the log failed; it is tried again');
        })
        .finally(schedule);
    }, LOOK_EVERY_MS);
    timer.unref();
  }

  const queryOf = (endpointId: number, part: Omit<LogQuery, 'endpointId' | 'folder'> = {}): LogQuery => ({
    endpointId,
    folder: folderOf(endpointId),
    ...part,
  });

  async function status(name: string): Promise<CaptureStatus> {
    const { id } = endpoint(name);
    const files = store.files(id);
    const hot = store.hot(id, store.watermark(id).movedSeq);
    const sum = (of: (file: LogFile) => number) => files.reduce((total, file) => total + of(file), 0);
    const times = [
      ...files.flatMap(({ firstMs, lastMs }) => [firstMs, lastMs]),
      hot.oldestMs,
      hot.newestMs,
    ].filter((ms) => ms !== null);
    return {
      settings: settingsOf(id),
      rows: sum(({ rows }) => rows) + hot.rows,
      files: files.length,
      fileBytes: sum(({ bytes }) => bytes),
      oldestMs: times.length === 0 ? null : Math.min(...times),
      newestMs: times.length === 0 ? null : Math.max(...times),
      countBytesPerDay: await deps.countBytesPerDay(id),
    };
  }

  return {
    /** Removes what a crash left, finishes what it interrupted, and moves rows from then on. */
    async start(): Promise<void> {
      await inTurn(async () => {
        await removeOrphans();
        for (const { id } of deps.endpoints()) await clearMoved(id);
      });
      schedule();
    },
    status,
    async setCapture(name: string, settings: CaptureSettings): Promise<CaptureStatus> {
      const { id } = endpoint(name);
      inTransaction(db, () =>
        store.setSettings(id, { ...settings, masked: [...new Set(settings.masked)].sort() }),
      );
      masks.delete(id);
      context.events.changed('monitoring');
      return status(name);
    },
    /** Features that are never written down, hot ones included. */
    masked(endpointId: number): ReadonlySet<string> {
      let mask = masks.get(endpointId);
      if (!mask) {
        mask = new Set(store.settings(endpointId).masked);
        masks.set(endpointId, mask);
      }
      return mask;
    },
    /** Moves what is hot now, whether it is due or not. */
    moveAll: (): Promise<void> => inTurn(() => tend(true)),
    /** What is due. */
    tend: (): Promise<void> => inTurn(() => tend(false)),
    /** Seqs of the logged rows in [fromSeq, toSeq) whose features meet all conditions, ascending. */
    async matching(
      endpointId: number,
      conditions: readonly SliceCondition[],
      fromSeq: number,
      toSeq: number,
    ): Promise<Float64Array> {
      const input: RawLogInput = {
        do: 'matching',
        log: queryOf(endpointId, { fromSeq, toSeq }),
        conditions: [...conditions],
      };
      const { body } = await analysis.run(jobs, input);
      return new Float64Array(new Uint8Array(body).buffer);
    },
    /** Features of rows that may have been moved, by seq; those that are not kept any more are left out. */
    async features(
      endpointId: number,
      seqs: readonly number[],
    ): Promise<Map<number, Record<string, FeatureValue>>> {
      if (seqs.length === 0) return new Map();
      const fromSeq = seqs.reduce((least, seq) => Math.min(least, seq));
      const toSeq = seqs.reduce((most, seq) => Math.max(most, seq)) + 1;
      const input: RawLogInput = {
        do: 'features',
        log: queryOf(endpointId, { fromSeq, toSeq }),
        seqs: [...seqs],
      };
      const { result } = await analysis.run<[number, Record<string, FeatureValue>][]>(jobs, input);
      return new Map(result);
    },
    /** For jobs of other areas that read the log (openLog). */
    queryOf,
    async close(): Promise<void> {
      closed = true;
      if (timer) clearTimeout(timer);
      await turn;
    },
  };
}
