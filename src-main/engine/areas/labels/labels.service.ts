/** Ground truth: pushed, joined by entity and time, or read from a file; how it has come so far. */
import { basename } from 'node:path';
import { LatheError } from '../../../contract/errors.ts';
import type {
  EntityLabel,
  Label,
  LabelFileResult,
  LabelOutcome,
  LabelPreview,
  LabelRevision,
  Maturity,
} from '../../../contract/labels.ts';
import type { WindowSize } from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import type { Activities } from '../activity/index.ts';
import { isMature, type LabelResult, type MonitoringService, type NewLabel } from '../monitoring/index.ts';
import type { Uploads } from '../uploads/index.ts';
import { guessColumns, type LabelRow, labelRow } from './label-file.rules.ts';
import { readLabelFile } from './label-thread.ts';

export type LabelDeps = {
  monitoring: Pick<MonitoringService, 'label' | 'endpoint' | 'reads' | 'history'>;
  activities: Activities;
  uploads: Uploads;
};

export type LabelService = ReturnType<typeof createLabelService>;

const SAMPLE_ROWS = 20;
const MOST_PROBLEMS = 20;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Points of the curve of delays that a chart can show. */
const CURVE_POINTS = 200;

export type LabelUpload = {
  uploadId: string;
  endpoint: string;
  labelColumn: string;
  predictionIdColumn?: string | undefined;
  entityColumn?: string | undefined;
  atColumn?: string | undefined;
  withinMs?: number | undefined;
};

export function createLabelService(context: AreaContext, deps: LabelDeps) {
  const { paths } = context;
  const { monitoring } = deps;

  async function push(labels: readonly Label[], source = 'api'): Promise<LabelOutcome> {
    const result = await monitoring.label(labels.map((label) => ({ ...label, source })));
    return { ...result, unknown: result.unknown.map((at) => (labels[at] as Label).predictionId) };
  }

  const byEntity = (endpointId: number, label: EntityLabel, source: string): NewLabel => ({
    ...label,
    ...{ endpointId, source, labelledMs: label.atMs },
  });

  /** What a row of a file stands for. */
  function toLabel(row: LabelRow, input: LabelUpload, endpointId: number, source: string): NewLabel {
    if (input.entityColumn === undefined)
      return { predictionId: row.key, label: row.label, labelledMs: row.atMs ?? undefined, source };
    const { key: entity, label, atMs } = row;
    return byEntity(endpointId, { entity, label, atMs: atMs ?? 0, withinMs: input.withinMs ?? 0 }, source);
  }

  async function joinRows(
    rows: readonly LabelRow[],
    toNew: (row: LabelRow) => NewLabel,
    sum: LabelFileResult,
  ): Promise<void> {
    const result: LabelResult = await monitoring.label(rows.map(toNew));
    for (const key of ['joined', 'unchanged', 'replaced', 'stale'] as const) sum[key] += result[key];
    sum.unknown += result.unknown.length;
    for (const { at, reason } of result.refused) refuse(sum, rows[at]?.row ?? 0, reason);
  }

  return {
    push,
    async pushByEntity(endpoint: string, labels: readonly EntityLabel[], source: string) {
      const { id } = monitoring.endpoint(endpoint);
      return monitoring.label(labels.map((label) => byEntity(id, label, source)));
    },
    /** The upload stays, to be read once more. */
    async preview(uploadId: string): Promise<LabelPreview> {
      const upload = await deps.uploads.peek(uploadId);
      const reading = await readLabelFile(paths.bundles, {
        ...{ file: upload.file, name: basename(upload.fileName), columns: null },
      });
      try {
        const sample: string[][] = [];
        let rows = 0;
        for await (const batch of reading.batches) {
          rows += batch.rows.length;
          if (sample.length < SAMPLE_ROWS) sample.push(...batch.rows.slice(0, SAMPLE_ROWS - sample.length));
        }
        return { rows, columns: reading.columns, guess: guessColumns(reading.columns), sample };
      } finally {
        await reading.close();
      }
    },
    async upload(input: LabelUpload): Promise<LabelFileResult> {
      const { id } = monitoring.endpoint(input.endpoint);
      const by = input.entityColumn === undefined ? 'id' : 'entity';
      const keyColumn = input.predictionIdColumn ?? input.entityColumn;
      if (keyColumn === undefined || (input.predictionIdColumn !== undefined && by === 'entity'))
        throw invalid('give either predictionIdColumn or entityColumn');
      if (by === 'entity' && (input.atColumn === undefined || input.withinMs === undefined))
        throw invalid('labels by entity need atColumn and withinMs');
      const columns = [
        keyColumn,
        input.labelColumn,
        ...(input.atColumn === undefined ? [] : [input.atColumn]),
      ];
      const upload = await deps.uploads.take(input.uploadId);
      const name = basename(upload.fileName);
      const spec = {
        ...{ kind: 'import' as const, title: `Labels from ${name} for ${input.endpoint}` },
        ...{ cancellable: true, href: `/monitoring/${input.endpoint}` },
      };
      try {
        return await deps.activities.run(spec, async ({ signal, progress }) => {
          const reading = await readLabelFile(paths.bundles, { file: upload.file, name, columns });
          const sum: LabelFileResult = {
            ...{ rows: 0, joined: 0, unchanged: 0, replaced: 0, stale: 0, unknown: 0, refused: 0 },
            problems: [],
          };
          try {
            for await (const { rows, share } of reading.batches) {
              signal.throwIfAborted();
              const found: LabelRow[] = [];
              for (const [key = '', label = '', at = ''] of rows) {
                sum.rows += 1;
                const row = labelRow({ row: sum.rows, key, label, at }, by, input.atColumn !== undefined);
                if ('reason' in row) refuse(sum, row.row, row.reason);
                else found.push(row);
              }
              await joinRows(found, (row) => toLabel(row, input, id, name), sum);
              progress(share, `${sum.rows} rows, ${sum.joined} labels joined`);
            }
            return sum;
          } finally {
            await reading.close();
          }
        });
      } finally {
        await upload.discard();
      }
    },
    async maturity(endpoint: string, per: WindowSize, arm: string | null): Promise<Maturity> {
      const { id } = monitoring.endpoint(endpoint);
      const { ask, lateness } = monitoring.reads;
      const sizeMs = per === 'day' ? DAY_MS : HOUR_MS;
      const [late, windows, replaced] = await Promise.all([
        lateness(id, arm),
        ask('counts', { endpointId: id, arm, sizeMs }),
        ask('replaced', { endpointId: id }),
      ]);
      return {
        cohorts: windows.map(({ windowMs, predictions, labelled }) => ({
          ...{ windowMs, predictions, labelled },
          mature: isMature(
            { predictions, labelled },
            { ageMs: late.nowMs - windowMs - sizeMs, p90Ms: late.p90Ms },
          ),
        })),
        delay: thin(late.curve),
        p50Ms: late.p50Ms,
        p90Ms: late.p90Ms,
        byEntity: windows.reduce((sum, each) => sum + each.byEntity, 0),
        replaced,
      };
    },
    /** Newest first; LATHE_NOT_FOUND for a prediction that is not logged (any more). */
    history: (predictionId: string): LabelRevision[] => monitoring.history(predictionId),
  };
}

function refuse(sum: LabelFileResult, row: number, reason: string): void {
  sum.refused += 1;
  if (sum.problems.length < MOST_PROBLEMS) sum.problems.push({ row, reason });
}

const invalid = (reason: string) => new LatheError('LATHE_INPUT_INVALID', { reason });

/** Evenly, the last one kept. */
function thin<T>(points: readonly T[]): T[] {
  const step = Math.ceil(points.length / CURVE_POINTS);
  return points.filter((_, at) => (points.length - 1 - at) % Math.max(1, step) === 0);
}
