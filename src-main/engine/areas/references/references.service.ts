/**
 * What live values are compared with. The first reference of a version freezes the grid that its rows are counted on;
 * further ones are counted on the same grid, so that their scores are on one scale.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LatheError } from '../../../contract/errors.ts';
import type { ModelVersion } from '../../../contract/models.ts';
import type { Reference, ReferencePreview } from '../../../contract/references.ts';
import { jobUrl } from '../../analysis/index.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { Activities } from '../activity/index.ts';
import type { Artifacts } from '../artifacts/index.ts';
import type { RawLog } from '../raw-log/index.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Profile } from './grid.rules.ts';
import { type LabelledScores, labelledOf } from './labelled-scores.ts';
import type { Made, ReferenceInput, ReferenceSource } from './reference-jobs.ts';
import { createReferenceLookup, type FoundReference, missing } from './reference-lookup.ts';
import { createReferenceStore, type ReferenceRow, type VersionRow } from './references.store.ts';

export type ReferenceDeps = {
  uploads: Pick<Uploads, 'peek' | 'take'>;
  activities: Pick<Activities, 'run'>;
  find: (model: string, version: string) => ModelVersion | null;
  endpoints: () => readonly Pick<EndpointRecord, 'id' | 'name' | 'model'>[];
  rawLog: Pick<RawLog, 'queryOf'>;
  artifacts: Pick<Artifacts, 'find' | 'filesBelow'>;
  /** Where a run's artifacts lie, such as mlflow-artifacts:/1/<run>/artifacts; null when there is no such run. */
  runRoot: (runId: string) => string | null;
  /** A version's references changed: what was made of them is old. */
  changed: (model: string, version: string) => void;
};

/** The raw rows of a reference: a Parquet file whose columns are features, $score and $label. */
export type RawReference = {
  file: string;
  title: string;
  /** In the file, and in all. */
  rows: number;
  allRows: number;
  model: string;
  version: string;
};

type Scored = { scoreColumn?: string | undefined; labelColumn?: string | undefined };
type RunFile = { model: string; version: string; path: string };

type MakeFrom = Scored & {
  kind: Reference['kind'];
  title: string;
  /** What it is made of, for people. */
  sourceText: string;
  source: ReferenceSource;
};

export type References = ReturnType<typeof createReferenceService>;

const FILE_TYPES = /\.(parquet|csv)$/i;
const MOST_FILES = 10_000;
const OURS = 'mlflow-artifacts:/';
const KEPT_LABELLED = 16;

export function createReferenceService(context: AreaContext, deps: ReferenceDeps) {
  const { analysis, blobs, clock, db, events, ids, log, paths } = context;
  const store = createReferenceStore(db);
  const lookup = createReferenceLookup(store, deps.find);
  const { versionRow, versionOf, activeRow, present, registered, locate, gridOf, foundOf } = lookup;
  const jobs = jobUrl(import.meta.url, 'reference-jobs', paths.bundles);

  /** By the blob of the raw rows; a handful of versions are watched. */
  const labelled = new Map<string, Promise<LabelledScores | null>>();

  async function make(model: string, number: string, given: MakeFrom): Promise<Reference> {
    const version = versionRow(model, number);
    const { inputs, outputs, prediction } = versionOf(model, number);
    const grid = gridOf(version);
    const uuid = ids.next();
    const rawFile = join(paths.uploads, `reference-${uuid}`);
    const scored = outputs.find(({ name }) => name === prediction.score?.output);
    const input: ReferenceInput = {
      do: 'make',
      source: given.source,
      inputs,
      singleScore: scored?.datatype === 'FP32',
      scoreColumn: given.scoreColumn ?? null,
      labelColumn: given.labelColumn ?? null,
      grid: grid && (JSON.parse(grid.json) as Profile),
      rawFile,
    };
    const title = `Reference of ${model} ${number} from ${given.sourceText}`;
    return deps.activities.run({ kind: 'import', title, cancellable: true }, async (activity) => {
      try {
        const { result: made } = await analysis.run<Made>(jobs, input, {
          signal: activity.signal,
          progress: (share, detail) => activity.progress(share, detail),
        });
        const { sha256 } = await blobs.adopt(rawFile);
        inTransaction(db, () =>
          store.insert({
            uuid,
            versionId: version.id,
            kind: given.kind,
            title: given.title || given.sourceText,
            source: given.sourceText,
            rows: made.rows,
            features: JSON.stringify(made.features),
            absent: JSON.stringify(made.absent),
            ignored: JSON.stringify(made.ignored),
            profile: JSON.stringify(made.profile),
            raw: sha256,
            rawRows: made.rawRows,
            // Another one may have come first while this one was made.
            froze: gridOf(version) === null ? 1 : 0,
            createdMs: clock.now(),
          }),
        );
      } finally {
        await rm(rawFile, { force: true });
      }
      tell(version);
      return present(version, store.find(uuid) as ReferenceRow);
    });
  }

  /** Of the artifacts of the version's run; null where there is no run, or its files lie outside of Lathe. */
  function runFolder(model: string, version: string): string | null {
    const { runId } = versionOf(model, version);
    const root = runId === null ? null : deps.runRoot(runId);
    return root?.startsWith(OURS) ? root.slice(OURS.length).replace(/^\/+/, '') : null;
  }

  function fileOfRun({ model, version, path }: RunFile): { path: string; name: string } {
    const folder = runFolder(model, version);
    const artifact = folder === null ? null : deps.artifacts.find(`${folder}/${path}`);
    if (!artifact) throw missing('file of the run', path);
    return { path: artifact.file, name: path };
  }

  const unreadable = (thrown: unknown) => {
    log.warn({ err: thrown }, 'labelled rows of a reference could not be read');
    return null;
  };

  function labelledIn(raw: string): Promise<LabelledScores | null> {
    const known = labelled.get(raw);
    if (known) return known;
    if (labelled.size >= KEPT_LABELLED) labelled.clear();
    const input: ReferenceInput = { do: 'labelled', file: blobs.path(raw) };
    const reading = analysis.run(jobs, input).then(({ body }) => labelledOf(body));
    labelled.set(raw, reading);
    reading.catch(() => labelled.delete(raw));
    return reading;
  }

  function tell({ model, version }: VersionRow): void {
    deps.changed(model, version);
    events.changed('models', 'monitoring');
  }

  return {
    list(model: string, number: string): Reference[] {
      const version = versionRow(model, number);
      return [...registered(version), ...store.list(version.id).map((row) => present(version, row))];
    },
    async preview(model: string, number: string, uploadId: string): Promise<ReferencePreview> {
      const { inputs } = versionOf(model, number);
      const { file, fileName } = await deps.uploads.peek(uploadId);
      const input: ReferenceInput = { do: 'preview', file: { path: file, name: fileName }, inputs };
      return (await analysis.run<ReferencePreview>(jobs, input)).result;
    },
    async fromFile(
      given: { model: string; version: string; uploadId: string; title: string } & Scored,
    ): Promise<Reference> {
      versionRow(given.model, given.version);
      const { file, fileName } = await deps.uploads.peek(given.uploadId);
      const reference = await make(given.model, given.version, {
        kind: 'file',
        title: given.title,
        sourceText: fileName,
        source: { kind: 'file', file: { path: file, name: fileName } },
        scoreColumn: given.scoreColumn,
        labelColumn: given.labelColumn,
      });
      // A file that was refused stays, so that another column can be chosen.
      await (await deps.uploads.take(given.uploadId)).discard();
      return reference;
    },
    async fromWindow(given: {
      endpoint: string;
      version: string;
      fromMs: number;
      toMs: number;
      title: string;
    }): Promise<Reference> {
      const { endpoint, version, fromMs, toMs, title } = given;
      const record = deps.endpoints().find(({ name }) => name === endpoint);
      if (!record) throw missing('endpoint', endpoint);
      if (toMs <= fromMs) throw new LatheError('LATHE_INPUT_INVALID', { reason: 'toMs: not after fromMs' });
      return make(record.model, version, {
        kind: 'serving-window',
        title,
        sourceText: `${endpoint}, ${day(fromMs)} to ${day(toMs)}`,
        source: { kind: 'log', log: deps.rawLog.queryOf(record.id, { fromMs, toMs, version }) },
      });
    },
    /** A file that ships with Lathe and stays where it is. */
    fromShipped: (model: string, version: string, given: MakeFrom): Promise<Reference> =>
      make(model, version, given),
    runFiles(model: string, number: string): { path: string; bytes: number }[] {
      const folder = runFolder(model, number);
      if (folder === null) return [];
      return (deps.artifacts.filesBelow(folder, MOST_FILES) ?? [])
        .filter(({ path }) => FILE_TYPES.test(path))
        .map(({ path, size }) => ({ path: path.slice(folder.length + 1), bytes: size }));
    },
    async fromRun(given: RunFile & Scored): Promise<Reference> {
      const { model, version, path, scoreColumn, labelColumn } = given;
      return make(model, version, {
        kind: 'training-run',
        title: '',
        sourceText: path,
        source: { kind: 'file', file: fileOfRun(given) },
        ...{ scoreColumn, labelColumn },
      });
    },
    async previewRun(given: RunFile): Promise<ReferencePreview> {
      const { inputs } = versionOf(given.model, given.version);
      const input: ReferenceInput = { do: 'preview', file: fileOfRun(given), inputs };
      return (await analysis.run<ReferencePreview>(jobs, input)).result;
    },
    activate(id: string): Reference {
      const { version, row } = locate(id);
      store.setActive(version.id, row?.id ?? null);
      tell(version);
      return row ? present(version, row) : (registered(version)[0] as Reference);
    },
    remove(id: string): boolean {
      const { version, row } = locate(id);
      if (!row) throw new LatheError('LATHE_REFERENCE_FROZEN', { title: 'Training data' });
      if (row.froze === 1) throw new LatheError('LATHE_REFERENCE_FROZEN', { title: row.title });
      inTransaction(db, () => store.remove(row.id));
      tell(version);
      return true;
    },
    /** The reference of that id, or the version's active one; null when it has none. */
    reference(model: string, number: string, id?: string): FoundReference | null {
      const version = store.version(model, number);
      if (!version) return null;
      if (id !== undefined) {
        const found = locate(id);
        if (found.version.id !== version.id) throw missing(`reference of ${model} ${number}`, id);
        return foundOf(version, found.row);
      }
      return foundOf(version, activeRow(version));
    },
    /** The reference that froze the version's grid; null when it has none. */
    grid(model: string, number: string): FoundReference | null {
      const version = store.version(model, number);
      const grid = version && gridOf(version);
      return grid && { id: grid.id, title: grid.title, profile: JSON.parse(grid.json) };
    },
    /**
     * Scores and labels of the version's active reference, else of the newest that has both; null where none has. Of
     * binary models.
     */
    async labelled(model: string, number: string): Promise<LabelledScores | null> {
      const version = store.version(model, number);
      if (!version || deps.find(model, number)?.prediction.task !== 'binary-classification') return null;
      const active = activeRow(version)?.id;
      const rows = store.list(version.id).toSorted((left, right) => right.id - left.id);
      const first = rows.filter(({ id }) => id === active);
      for (const { raw } of [...first, ...rows.filter(({ id }) => id !== active)]) {
        const found = raw === null ? null : await labelledIn(raw).catch(unreadable);
        if (found) return found;
      }
      return null;
    },
    /** The raw rows of a reference; null where none are kept. */
    raw(id: string): RawReference | null {
      const { version, row } = locate(id);
      if (!row || row.raw === null) return null;
      const { model, version: number } = version;
      const { title, rawRows, rows } = row;
      return { file: blobs.path(row.raw), title, rows: rawRows, allRows: rows, model, version: number };
    },
  };
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
