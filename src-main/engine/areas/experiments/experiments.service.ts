/** Experiments and runs: what training code logs, and what the views read. */
import { LatheError } from '../../../contract/errors.ts';
import type { Experiment, RunRow } from '../../../contract/experiments.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { nextTurn } from '../../turns.ts';
import { createExperimentStore, type DatasetRow } from './experiments.store.ts';
import { findRun, pageOfRuns } from './runs.query.ts';
import type { Point } from './series.rules.ts';

export type RunStatus = RunRow['status'];
export type MetricEntry = Point & { key: string };
export type LoggedDataset = Omit<DatasetRow, 'uuid'> & { context: string };

export type LoggedRun = {
  experimentId: string;
  name: string;
  status: RunStatus;
  startedMs: number;
  endedMs: number | null;
  user?: string;
  note?: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  metrics: MetricEntry[];
  datasets?: LoggedDataset[];
};

export type Experiments = {
  /** The experiment of that name, made when there is none. Returns its id. */
  ensureExperiment(name: string, description?: string): string;
  createRun(run: Pick<LoggedRun, 'experimentId' | 'name' | 'startedMs' | 'user' | 'note'>): string;
  /**
   * All or nothing, and idempotent: a point that is there already, in any order, changes nothing. A param that
   * is there with another value is refused (LATHE_INPUT_INVALID). At most 1,000 metric points a call.
   */
  log(
    runId: string,
    batch: { metrics?: MetricEntry[]; params?: Record<string, string>; tags?: Record<string, string> },
  ): void;
  addDataset(runId: string, dataset: LoggedDataset): void;
  endRun(runId: string, status: RunStatus, endedMs: number | null): void;
  /** A whole run that happened elsewhere, in batches that leave the engine free in between. Returns its id. */
  logRun(run: LoggedRun): Promise<string>;
  list(): Experiment[];
  run(runId: string): Promise<RunRow>;
  /** Newest first; `cursor` is the last id of the page before. */
  runs(
    experimentId: string,
    limit: number,
    cursor?: string,
  ): Promise<{ rows: RunRow[]; nextCursor: string | null }>;
};

const BATCH_POINTS = 1_000;

export function createExperimentService(
  context: Pick<AreaContext, 'db' | 'readers' | 'clock' | 'ids' | 'events'>,
): Experiments {
  const { db, readers, clock, ids, events } = context;
  const store = createExperimentStore(db);

  const need = (runId: string) => {
    const run = store.run(runId);
    if (!run) throw new LatheError('LATHE_NOT_FOUND', { kind: 'run', name: runId });
    return run;
  };
  const experimentOf = (uuid: string) => {
    const id = store.experimentId(uuid);
    if (id === null) throw new LatheError('LATHE_NOT_FOUND', { kind: 'experiment', name: uuid });
    return id;
  };

  const service: Experiments = {
    ensureExperiment(name, description = '') {
      const uuid = inTransaction(db, () => {
        const present = store.experimentByName(name);
        if (present?.deleted_ms) store.reviveExperiment(present.id);
        if (present) return present.uuid;
        const made = ids.next();
        store.insertExperiment(made, name, description, clock.now());
        return made;
      });
      events.changed('experiments', 'overview');
      return uuid;
    },
    createRun({ experimentId, name, startedMs, user = '', note = '' }) {
      const uuid = ids.next();
      inTransaction(db, () => {
        const id = store.insertRun({
          uuid,
          experiment: experimentOf(experimentId),
          name,
          user,
          startMs: startedMs,
          note,
        });
        store.touchExperiment(id, clock.now());
      });
      events.changed('experiments', 'overview');
      return uuid;
    },
    log(runId, { metrics = [], params = {}, tags = {} }) {
      if (metrics.length > BATCH_POINTS)
        throw new LatheError('LATHE_INPUT_INVALID', {
          reason: `metrics: more than ${BATCH_POINTS} points at once`,
        });
      for (const point of metrics) checkPoint(point);
      inTransaction(db, () => {
        const { id } = need(runId);
        for (const [key, value] of Object.entries(params)) {
          const present = store.putParam(id, key, value);
          if (present !== null && present !== value)
            throw new LatheError('LATHE_INPUT_INVALID', {
              reason: `params.${key}: it was logged as ${present} before`,
            });
        }
        for (const [key, value] of Object.entries(tags)) store.setTag(id, key, value);
        for (const [key, points] of Map.groupBy(metrics, (point) => point.key))
          store.addPoints(id, key, points);
        store.touchExperiment(id, clock.now());
      });
      events.changed('experiments');
    },
    addDataset(runId, { context: role, ...dataset }) {
      inTransaction(db, () =>
        store.linkDataset(need(runId).id, { ...dataset, uuid: ids.next() }, role, clock.now()),
      );
      events.changed('experiments');
    },
    endRun(runId, status, endedMs) {
      store.endRun(need(runId).id, status, endedMs);
      events.changed('experiments', 'overview');
    },
    async logRun(run) {
      const runId = service.createRun(run);
      service.log(runId, { params: run.params, tags: run.tags });
      for (const dataset of run.datasets ?? []) service.addDataset(runId, dataset);
      for (let at = 0; at < run.metrics.length; at += BATCH_POINTS) {
        service.log(runId, { metrics: run.metrics.slice(at, at + BATCH_POINTS) });
        await nextTurn();
      }
      service.endRun(runId, run.status, run.endedMs);
      return runId;
    },
    list: () => store.listExperiments() as Experiment[],
    async run(runId) {
      const run = await findRun(readers, runId);
      if (!run) throw new LatheError('LATHE_NOT_FOUND', { kind: 'run', name: runId });
      return run;
    },
    runs(experimentId, limit, cursor) {
      const experiment = experimentOf(experimentId);
      const after = cursor === undefined ? null : need(cursor);
      return pageOfRuns(readers, {
        experiment,
        limit,
        after: after && { startMs: after.start_ms, uuid: after.uuid },
      });
    },
  };
  return service;
}

/** SQLite would quietly store a fraction where an integer is meant. */
function checkPoint({ key, step, timestampMs }: MetricEntry): void {
  if (!Number.isSafeInteger(step) || !Number.isSafeInteger(timestampMs))
    throw new LatheError('LATHE_INPUT_INVALID', {
      reason: `metrics.${key}: step and timestamp must be whole numbers`,
    });
}
