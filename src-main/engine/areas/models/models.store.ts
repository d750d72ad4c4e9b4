/** SQL of the registry. */
import type { TensorSpec } from '../../../contract/common.ts';
import type { ModelVersion, PredictionSpec, RegisteredModel } from '../../../contract/models.ts';
import type { Arm } from '../../../contract/serving-route.ts';
import type { Database } from '../../data/database.ts';
import { readFrom } from './models.rules.ts';

/** What is kept of a version in one JSON column. */
type Signature = { inputs: TensorSpec[]; outputs: TensorSpec[]; opset: number | null; producer: string };

export type NewVersion = Signature & {
  uuid: string;
  modelId: number;
  description: string;
  /** Null when there is no ONNX file to serve; `notServable` says why. */
  sha256: string | null;
  size: number | null;
  notServable: string | null;
  runId: string | null;
  source: string;
  location: string;
  runLink: string;
  user: string;
  loggedModel: string | null;
  prediction: PredictionSpec;
  metadata: Record<string, string>;
  metrics: Record<string, number>;
  reference: string | null;
  createdMs: number;
};

type VersionRow = {
  model: string;
  version: number;
  created_ms: number;
  description: string;
  sha256: string | null;
  size: number | null;
  not_servable: string | null;
  stage: string;
  source: string;
  updated_ms: number;
  tags: string;
  signature: string;
  prediction: string;
  metadata: string;
  metrics: string;
  aliases: string;
  run: string | null;
  has_reference: number;
};
type ModelRow = {
  id: number;
  name: string;
  description: string;
  created_ms: number;
  updated_ms: number;
  tags: string;
};
type EndpointRow = { name: string; arms: string; former: string | null; shadow: string | null };
type EndpointArms = { name: string; arms: Pick<Arm, 'version'>[] };

/** MLflow keeps prompts as registered models with this tag; they are none to serve. */
const IS_NO_PROMPT = `NOT EXISTS (SELECT 1 FROM registered_model_tag t
  WHERE t.model_id = registered_model.id AND t.name = 'mlflow.prompt.is_prompt' AND lower(t.val) = 'true')`;

export function createModelStore(db: Database) {
  const model = `SELECT id, name, description, created_ms, updated_ms,
      (SELECT json_group_object(t.name, t.val) FROM registered_model_tag t WHERE t.model_id = registered_model.id) AS tags
    FROM registered_model WHERE deleted_ms IS NULL`;
  const version = `SELECT m.name AS model, v.version, v.created_ms, v.description, v.sha256, v.size, v.signature,
      v.not_servable, v.stage, v.source, v.updated_ms,
      (SELECT json_group_object(t.name, t.val) FROM model_version_tag t WHERE t.version_id = v.id) AS tags,
      v.prediction, v.metadata, v.metrics, r.uuid AS run, v.reference IS NOT NULL AS has_reference,
      (SELECT json_group_array(a.alias) FROM model_alias a WHERE a.model_id = m.id AND a.version = v.version) AS aliases
    FROM model_version v JOIN registered_model m ON m.id = v.model_id LEFT JOIN run r ON r.id = v.run_id
    WHERE v.deleted_ms IS NULL AND m.deleted_ms IS NULL`;
  const sql = {
    models: db.prepare(`${model} AND ${IS_NO_PROMPT} ORDER BY updated_ms DESC, id DESC`),
    model: db.prepare(`${model} AND name = ?`),
    insertModel: db.prepare(
      `INSERT INTO registered_model(uuid, name, description, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?)`,
    ),
    touchModel: db.prepare('UPDATE registered_model SET updated_ms = ?, rev = rev + 1 WHERE id = ?'),
    versions: db.prepare(`${version} AND m.name = ? ORDER BY v.version DESC`),
    version: db.prepare(`${version} AND m.name = ? AND v.version = ?`),
    counts: db.prepare(
      'SELECT COUNT(*) AS n, MAX(version) AS latest FROM model_version WHERE model_id = ? AND deleted_ms IS NULL',
    ),
    aliases: db.prepare('SELECT alias, version FROM model_alias WHERE model_id = ? ORDER BY alias'),
    insertVersion: db.prepare(
      `INSERT INTO model_version(uuid, model_id, version, description, sha256, size, not_servable, run_id, run_uuid, run_link,
         user, source, location, logged_model, signature, prediction, metadata, metrics, reference, created_ms, updated_ms)
       VALUES (:uuid, :modelId, (SELECT COALESCE(MAX(version), 0) + 1 FROM model_version WHERE model_id = :modelId),
         :description, :sha256, :size, :notServable, (SELECT id FROM run WHERE uuid = :runId), COALESCE(:runId, ''), :runLink,
         :user, :source, :location, :loggedModel, :signature, :prediction, :metadata, :metrics, :reference, :createdMs, :createdMs)
       RETURNING version`,
    ),
    putFile: db.prepare(
      'INSERT OR REPLACE INTO artifact(path, sha256, size, created_ms) VALUES (?, ?, ?, ?)',
    ),
    setVersionTag: db.prepare(
      `INSERT INTO model_version_tag(version_id, name, val) SELECT id, ?, ? FROM model_version
       WHERE uuid = ? ON CONFLICT(version_id, name) DO UPDATE SET val = excluded.val`,
    ),
    setAlias: db.prepare(
      `INSERT INTO model_alias(model_id, alias, version, updated_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT(model_id, alias) DO UPDATE SET version = excluded.version, rev = rev + 1, updated_ms = excluded.updated_ms`,
    ),
    setReference: db.prepare(
      `UPDATE model_version SET reference = ?, rev = rev + 1 WHERE version = ? AND deleted_ms IS NULL
         AND model_id = (SELECT id FROM registered_model WHERE name = ? AND deleted_ms IS NULL)`,
    ),
    reference: db
      .prepare(
        `SELECT v.reference FROM model_version v JOIN registered_model m ON m.id = v.model_id
         WHERE m.name = ? AND v.version = ? AND v.deleted_ms IS NULL AND m.deleted_ms IS NULL`,
      )
      .pluck(),
    endpoints: db.prepare(
      `SELECT e.name, e.arms, e.former, e.routing ->> '$.shadow' AS shadow FROM endpoint e JOIN registered_model m ON m.id = e.model_id
       WHERE m.name = ? AND e.deleted_ms IS NULL ORDER BY e.name`,
    ),
  };

  const endpoints = (name: string): EndpointArms[] =>
    (sql.endpoints.all(name) as EndpointRow[]).map((row) => ({
      name: row.name,
      // What answers until the new arms are loaded is in use, and so is a shadow, which answers nobody.
      arms: [row.arms, row.former ?? '[]', row.shadow === null ? '[]' : `[${row.shadow}]`].flatMap(
        (json) => JSON.parse(json) as Pick<Arm, 'version'>[],
      ),
    }));
  const toModel = (row: ModelRow): RegisteredModel => {
    const { n, latest } = sql.counts.get(row.id) as { n: number; latest: number | null };
    const aliases = sql.aliases.all(row.id) as { alias: string; version: number }[];
    return {
      name: row.name,
      description: row.description,
      createdMs: row.created_ms,
      updatedMs: row.updated_ms,
      versionCount: n,
      latest: latest === null ? null : String(latest),
      aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, String(version)])),
      tags: JSON.parse(row.tags) as Record<string, string>,
      servedBy: endpoints(row.name).map((endpoint) => endpoint.name),
    };
  };

  return {
    models: () => (sql.models.all() as ModelRow[]).map(toModel),
    model(name: string): RegisteredModel | null {
      const row = sql.model.get(name) as ModelRow | undefined;
      return row ? toModel(row) : null;
    },
    modelId: (name: string) => (sql.model.get(name) as ModelRow | undefined)?.id ?? null,
    insertModel: (uuid: string, name: string, description: string, nowMs: number) =>
      void sql.insertModel.run(uuid, name, description, nowMs, nowMs),
    touchModel: (id: number, nowMs: number) => void sql.touchModel.run(nowMs, id),
    versions(name: string): ModelVersion[] {
      const served = endpoints(name);
      return (sql.versions.all(name) as VersionRow[]).map((row) => toVersion(row, served));
    },
    version(name: string, number: string): ModelVersion | null {
      const row = sql.version.get(name, Number(number)) as VersionRow | undefined;
      return row ? toVersion(row, endpoints(name)) : null;
    },
    insertVersion(version: NewVersion): string {
      const { inputs, outputs, opset, producer, prediction, metadata, metrics, ...rest } = version;
      const row = sql.insertVersion.get({
        ...rest,
        signature: JSON.stringify({ inputs, outputs, opset, producer } satisfies Signature),
        prediction: JSON.stringify(prediction),
        metadata: JSON.stringify(metadata),
        metrics: JSON.stringify(metrics),
      }) as { version: number };
      return String(row.version);
    },
    /** The file of a version that Lathe itself registered, where MLflow clients look for it. */
    putFile: (path: string, { sha256, size }: { sha256: string; size: number }, nowMs: number) =>
      void sql.putFile.run(path, sha256, size, nowMs),
    setVersionTag: (uuid: string, key: string, value: string) => void sql.setVersionTag.run(key, value, uuid),
    setAlias: (modelId: number, alias: string, version: string, nowMs: number) =>
      void sql.setAlias.run(modelId, alias, Number(version), nowMs),
    setReference: (name: string, version: string, reference: string) =>
      sql.setReference.run(reference, Number(version), name).changes === 1,
    reference: (name: string, version: string) =>
      (sql.reference.get(name, Number(version)) as string | null | undefined) ?? null,
  };
}

function toVersion(row: VersionRow, endpoints: readonly EndpointArms[]): ModelVersion {
  const version = String(row.version);
  const signature = JSON.parse(row.signature) as Signature;
  return {
    model: row.model,
    version,
    createdMs: row.created_ms,
    description: row.description,
    sha256: row.sha256,
    sizeBytes: row.size,
    notServable: row.not_servable,
    stage: row.stage,
    tags: JSON.parse(row.tags) as Record<string, string>,
    source: row.source,
    updatedMs: row.updated_ms,
    ...signature,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    prediction: readFrom(JSON.parse(row.prediction) as PredictionSpec, signature.outputs),
    metrics: JSON.parse(row.metrics) as Record<string, number>,
    aliases: (JSON.parse(row.aliases) as string[]).sort(),
    runId: row.run,
    hasReference: row.has_reference === 1,
    servedBy: endpoints
      .filter(({ arms }) => arms.some((arm) => arm.version === version))
      .map(({ name }) => name),
  };
}
