/** Exact scores of two sets of raw rows: asked for by a person, computed in the analysis process, kept. */
import {
  type DriftReport,
  type HealthRequest,
  type ReportRequest,
  type ReportSide,
  scoredOf,
} from '../../../contract/drift-reports.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { ModelVersion } from '../../../contract/models.ts';
import type { SliceCondition } from '../../../contract/slices.ts';
import { jobFile, jobUrl } from '../../analysis/index.ts';
import type { AreaContext } from '../../context.ts';
import type { Activities } from '../activity/index.ts';
import type { RawLog } from '../raw-log/index.ts';
import { featuresOf, kindOf, type References } from '../references/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Uploads } from '../uploads/index.ts';
import { createReportStore } from './drift-reports.store.ts';
import { createHealthPages, type HealthDeps } from './health-pages.ts';
import { reportPage } from './html.rules.ts';
import { fileName } from './html-page.rules.ts';
import { datasetDrifted } from './methods/index.ts';
import type { Reported, ReportInput, SideInput } from './report-jobs.ts';

export type ReportDeps = HealthDeps & {
  activities: Pick<Activities, 'run'>;
  uploads: Pick<Uploads, 'peek' | 'take'>;
  endpoints: () => readonly Pick<EndpointRecord, 'id' | 'name' | 'model' | 'arms'>[];
  find: (model: string, version: string) => ModelVersion | null;
  references: Pick<References, 'raw' | 'reference'>;
  rawLog: Pick<RawLog, 'queryOf'>;
  /** Of a slice of that endpoint; null when there is none of that id. */
  conditions: (endpoint: string, sliceId: string) => { name: string; conditions: SliceCondition[] } | null;
};

export type DriftReports = ReturnType<typeof createDriftReportService>;

/** A side as the job reads it, and as people do. */
type Resolved = { input: SideInput; words: string; notes: string[]; uploadId: string | null };

export function createDriftReportService(context: AreaContext, deps: ReportDeps) {
  const { analysis, clock, db, events, ids, paths } = context;
  const store = createReportStore(db);
  const jobs = jobUrl(import.meta.url, 'report-jobs', paths.bundles);
  const worker = jobFile(import.meta.url, 'report-worker', paths.bundles);

  const missing = (kind: string, name: string) => new LatheError('LATHE_NOT_FOUND', { kind, name });

  function endpoint(name: string) {
    const found = deps.endpoints().find((record) => record.name === name);
    if (!found) throw missing('endpoint', name);
    return found;
  }

  async function resolve(request: ReportRequest, name: 'reference' | 'current'): Promise<Resolved> {
    const side = request[name];
    if (side.kind === 'upload') {
      const { file, fileName } = await deps.uploads.peek(side.uploadId);
      const input: SideInput = { kind: 'file', file: { path: file, name: fileName } };
      return { input, words: fileName, notes: [], uploadId: side.uploadId };
    }
    return side.kind === 'reference' ? ofReference(side.id, name) : ofWindow(request.endpoint, side);
  }

  function ofReference(id: string, side: 'reference' | 'current'): Resolved {
    const raw = deps.references.raw(id);
    if (!raw)
      throw new LatheError('LATHE_REPORT_NO_ROWS', {
        side,
        reason: 'only counts of that reference are kept',
      });
    const input: SideInput = { kind: 'file', file: { path: raw.file, name: raw.title } };
    const notes =
      raw.rows < raw.allRows
        ? [`Of the ${raw.allRows} rows of “${raw.title}”, ${raw.rows} drawn at random are kept and compared.`]
        : [];
    return { input, words: raw.title, notes, uploadId: null };
  }

  function ofWindow(name: string | null, side: Extract<ReportSide, { kind: 'window' }>): Resolved {
    if (name === null)
      throw new LatheError('LATHE_INPUT_INVALID', { reason: 'endpoint: a window is of an endpoint' });
    if (side.toMs <= side.fromMs)
      throw new LatheError('LATHE_INPUT_INVALID', { reason: 'toMs: not after fromMs' });
    const { fromMs, toMs, arm, version } = side;
    const slice = side.slice === undefined ? null : deps.conditions(name, side.slice);
    if (side.slice !== undefined && slice === null) throw missing('slice', side.slice);
    const log = deps.rawLog.queryOf(endpoint(name).id, { fromMs, toMs, arm, version });
    const parts = [
      `${minute(fromMs)} to ${minute(toMs)} UTC`,
      ...(arm === undefined ? [] : [`arm ${arm}`]),
      ...(version === undefined ? [] : [`version ${version}`]),
      ...(slice === null ? [] : [`slice ${slice.name}`]),
    ];
    const input: SideInput = { kind: 'log', log, conditions: slice?.conditions ?? [] };
    return { input, words: parts.join(', '), notes: [], uploadId: null };
  }

  /** What the endpoint's model reads: that of the version named by a side, or of its first arm. */
  function kindsOf(request: ReportRequest): ReportInput['kinds'] {
    if (request.endpoint === null) return null;
    const { model, arms } = endpoint(request.endpoint);
    const named = [request.current, request.reference].flatMap((side) =>
      side.kind === 'window' && side.version !== undefined ? [side.version] : [],
    );
    const version = named[0] ?? arms[0]?.version;
    const inputs = (version === undefined ? null : deps.find(model, version))?.inputs ?? [];
    return Object.fromEntries(
      featuresOf(inputs).map(({ feature, datatype }) => [
        feature,
        { kind: kindOf(datatype), single: datatype === 'FP32' },
      ]),
    );
  }

  async function compute(request: ReportRequest, handle: Parameters<Parameters<Activities['run']>[1]>[0]) {
    const startedMs = clock.monotonic();
    const { method, threshold, numeric, categorical, byColumn } = request;
    const reference = await resolve(request, 'reference');
    const current = await resolve(request, 'current');
    const input: ReportInput = {
      reference: reference.input,
      current: current.input,
      columns: request.columns ?? null,
      kinds: kindsOf(request),
      asked: { method, threshold, numeric, categorical, byColumn },
      worker,
    };
    const { result } = await analysis.run<Reported>(jobs, input, {
      signal: handle.signal,
      progress: (share, detail) => handle.progress(share, detail),
    });
    const drifted = result.columns.filter((column) => column.drifted === true).length;
    const { scored } = scoredOf(result.columns);
    const report: DriftReport = {
      id: ids.next(),
      endpoint: request.endpoint,
      title: `${current.words} against ${reference.words}`,
      createdMs: clock.now(),
      reference: reference.words,
      current: current.words,
      ...result,
      drifted,
      driftShare: request.driftShare,
      datasetDrifted: datasetDrifted(drifted, scored, request.driftShare),
      tookMs: clock.monotonic() - startedMs,
      notes: [...new Set([...reference.notes, ...current.notes, ...unmet(request, result.columns)])],
    };
    store.insert(report);
    // A file of a report that failed stays, so that it can be asked for in another way.
    for (const uploadId of new Set([reference.uploadId, current.uploadId]))
      if (uploadId !== null) await (await deps.uploads.take(uploadId)).discard();
    return report;
  }

  const health = createHealthPages(clock, deps);

  return {
    list: (name: string | null) => store.list(name),
    get(id: string): DriftReport {
      const report = store.get(id);
      if (!report) throw missing('report', id);
      return report;
    },
    async create(request: ReportRequest): Promise<DriftReport> {
      const title =
        request.endpoint === null ? 'Drift report of two files' : `Drift report of ${request.endpoint}`;
      const report = await deps.activities.run({ kind: 'report', title, cancellable: true }, (handle) =>
        compute(request, handle),
      );
      events.changed('monitoring');
      return report;
    },
    remove(id: string): boolean {
      const removed = store.remove(id);
      if (removed) events.changed('monitoring');
      return removed;
    },
    html(id: string): { fileName: string; html: string } {
      const report = store.get(id);
      if (!report) throw missing('report', id);
      return { fileName: fileName(report.title), html: reportPage(report) };
    },
    async healthHtml(request: HealthRequest): Promise<{ fileName: string; html: string }> {
      endpoint(request.endpoint);
      return health(request);
    },
  };
}

const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** Says which columns that something was asked of were not compared at all. */
function unmet({ byColumn = {} }: ReportRequest, columns: DriftReport['columns']): string[] {
  const known = new Set(columns.map(({ column }) => column));
  return Object.keys(byColumn)
    .filter((name) => !known.has(name))
    .map((name) => `A method or threshold was set for “${name}”, which is not a column of both sides.`);
}
