/** Walks the links on a reader thread, a layer at a time, and tells what the things it met are. */
import type { LineageKind, LineageStart } from '../../../contract/lineage.ts';
import type { Readers } from '../../data/readers.ts';
import { datasetsLike, FACT_TAGS, LINKS, type Link, sameDataset } from './links.sql.ts';

/** `run 17`: a thing by its kind and row id. */
export type Key = `${LineageKind} ${number}`;
export type Edge = { from: Key; to: Key; label: string };
export type Walked = { starts: Key[]; edges: Edge[]; keys: Set<Key>; cut: boolean };
export type Thing = {
  key: Key;
  kind: LineageKind;
  /** As people know it: a run's uuid, a model and its version. */
  id: string;
  title: string;
  subtitle: string;
  href: string | null;
  facts: { label: string; value: string }[];
};

/** Edges read at once; a dataset may have been used by more runs than anybody looks at. */
const MOST_EDGES = 3_000;

const keyOf = (kind: LineageKind, id: number): Key => `${kind} ${id}`;
export const kindOf = (key: Key): LineageKind => key.slice(0, key.lastIndexOf(' ')) as LineageKind;
const rowOf = (key: Key): number => Number(key.slice(key.lastIndexOf(' ') + 1));

const STARTS: Record<LineageStart['kind'], string> = {
  dataset: `SELECT ${sameDataset('d')} AS id FROM dataset d WHERE d.uuid = ?`,
  run: 'SELECT id FROM run WHERE uuid = ? AND deleted_ms IS NULL',
  model: `SELECT v.id FROM model_version v JOIN registered_model m ON m.id = v.model_id
    WHERE m.name = ? AND m.deleted_ms IS NULL AND v.deleted_ms IS NULL`,
  version: `SELECT v.id FROM model_version v JOIN registered_model m ON m.id = v.model_id
    WHERE m.name = ? AND v.version = ? AND m.deleted_ms IS NULL AND v.deleted_ms IS NULL`,
  endpoint: 'SELECT id FROM endpoint WHERE name = ? AND deleted_ms IS NULL',
};

export async function findStarts(readers: Readers, start: LineageStart): Promise<Key[]> {
  const bound =
    start.kind === 'version' ? [start.name, Number(start.version)] : ['id' in start ? start.id : start.name];
  const rows = await readers.all<{ id: number }>(STARTS[start.kind], bound);
  return rows.map(({ id }) => keyOf(start.kind === 'model' ? 'version' : start.kind, id));
}

/** Up is towards the sources. Never turns round: what else came of a source is not part of a thing's lineage. */
export async function walk(
  readers: Readers,
  starts: readonly Key[],
  direction: 'up' | 'down',
  steps: number,
): Promise<Omit<Walked, 'starts'>> {
  const keys = new Set<Key>(starts);
  const edges: Edge[] = [];
  let layer = [...starts];
  let cut = false;
  for (let step = 0; layer.length > 0 && step < steps; step++) {
    const found = await Promise.all(LINKS.map((link) => follow(readers, link, layer, direction)));
    const next = new Set<Key>();
    for (const batch of found) {
      if (batch.length > MOST_EDGES) cut = true;
      for (const edge of batch.slice(0, MOST_EDGES)) {
        edges.push(edge);
        const end = direction === 'up' ? edge.from : edge.to;
        if (!keys.has(end)) next.add(end);
        keys.add(end);
      }
    }
    layer = [...next];
  }
  return { keys, edges, cut };
}

async function follow(
  readers: Readers,
  { from, to, sql }: Link,
  layer: readonly Key[],
  direction: 'up' | 'down',
): Promise<Edge[]> {
  const kind = direction === 'up' ? to : from;
  const ids = layer.filter((key) => kindOf(key) === kind).map(rowOf);
  if (ids.length === 0) return [];
  const near = direction === 'up' ? 'b' : 'a';
  // A dataset's row stands for all that are the same data.
  const wanted =
    kind === 'dataset'
      ? `SELECT value AS start, l.id AS id FROM json_each(?) JOIN dataset c ON c.id = value, dataset l WHERE l.id IN (${datasetsLike('c.id')})`
      : 'SELECT value AS start, value AS id FROM json_each(?)';
  const far = from === 'dataset' && direction === 'up' ? sameDataset('d') : direction === 'up' ? 'a' : 'b';
  const rows = await readers.all<{ near: number; far: number; label: string }>(
    `WITH wanted AS MATERIALIZED (${wanted})
     SELECT DISTINCT wanted.start AS near, ${far} AS far, label FROM wanted JOIN (${sql}) link ON link.${near} = wanted.id
     ${from === 'dataset' && direction === 'up' ? 'JOIN dataset d ON d.id = link.a' : ''} LIMIT ${MOST_EDGES + 1}`,
    [JSON.stringify(ids)],
  );
  return rows.map((row) =>
    direction === 'up'
      ? { from: keyOf(from, row.far), to: keyOf(to, row.near), label: row.label }
      : { from: keyOf(from, row.near), to: keyOf(to, row.far), label: row.label },
  );
}

type Row = { key: number; id: string; title: string; subtitle: string; href: string | null; facts: string };

const fact = (label: string, value: string) => `json_array('${label}', ${value})`;
const tagFact = ([label, ...tags]: (typeof FACT_TAGS)[number]) =>
  fact(
    label,
    `(SELECT t.val FROM tag t JOIN key k ON k.id = t.key_id WHERE t.run_id = r.id
       AND k.name IN (${tags.map((tag) => `'${tag}'`).join(', ')}) ORDER BY k.name LIMIT 1)`,
  );

/** Where the files of run `r` lie; where another program keeps them this is no path of ours. */
const RUN_FILES = `ltrim(substr(COALESCE(e.artifact_location, 'mlflow-artifacts:/' || e.id), 18), '/') || '/' || r.uuid || '/artifacts/'`;

const THINGS: Record<LineageKind, string> = {
  dataset: `SELECT d.id AS key, d.uuid AS id, d.name AS title,
      CASE WHEN d.rows IS NULL THEN '' ELSE printf('%,d rows', d.rows) END AS subtitle, '/datasets/' || d.uuid AS href,
      json_array(${fact('Content', "NULLIF(d.sha256, '')")}, ${fact('Digest', "NULLIF(d.digest, '')")},
        ${fact(
          'Also known as',
          `(SELECT group_concat(DISTINCT x.name) FROM dataset x WHERE x.sha256 = d.sha256 AND x.sha256 <> '' AND x.name <> d.name)`,
        )}) AS facts
    FROM dataset d WHERE d.id IN`,
  run: `SELECT r.id AS key, r.uuid AS id, r.name AS title, e.name AS subtitle, '/runs/' || r.uuid AS href,
      json_array(${FACT_TAGS.map(tagFact).join(', ')},
        ${fact('Patch', `(SELECT a.size || ' bytes' FROM artifact a WHERE a.path = ${RUN_FILES} || 'lathe/code.patch')`)},
        ${fact('Packages', `(SELECT 'locked' FROM artifact a WHERE a.path = ${RUN_FILES} || 'lathe/requirements.txt')`)}) AS facts
    FROM run r JOIN experiment e ON e.id = r.exp_id WHERE r.id IN`,
  'logged-model': `SELECT l.id AS key, l.uuid AS id, l.name AS title, COALESCE(NULLIF(l.model_type, ''), 'logged model') AS subtitle,
      (SELECT '/runs/' || r.uuid FROM run r WHERE r.uuid = l.source_run AND r.deleted_ms IS NULL) AS href,
      json_array(${fact('Id', 'l.uuid')}) AS facts FROM logged_model l WHERE l.id IN`,
  version: `SELECT v.id AS key, m.name || '/' || v.version AS id, m.name || ' v' || v.version AS title,
      COALESCE((SELECT group_concat('@' || a.alias, ' ') FROM model_alias a WHERE a.model_id = m.id AND a.version = v.version), 'model version') AS subtitle,
      m.name || char(10) || v.version AS href,
      json_array(${fact('Stage', "NULLIF(v.stage, 'None')")}, ${fact('SHA-256', 'v.sha256')}) AS facts
    FROM model_version v JOIN registered_model m ON m.id = v.model_id WHERE v.id IN`,
  endpoint: `SELECT e.id AS key, e.name AS id, e.name AS title,
      CASE json_array_length(e.arms) WHEN 1 THEN 'one version' ELSE json_array_length(e.arms) || ' arms' END AS subtitle,
      '/serving/' || e.name AS href, json_array() AS facts FROM endpoint e WHERE e.id IN`,
};

/** What people know of these things. */
export async function describeThings(readers: Readers, keys: readonly Key[]): Promise<Map<Key, Thing>> {
  const byKind = Map.groupBy(keys, kindOf);
  const found = await Promise.all(
    [...byKind].map(async ([kind, own]) => {
      const rows = await readers.all<Row>(`${THINGS[kind]} (SELECT value FROM json_each(?))`, [
        JSON.stringify(own.map(rowOf)),
      ]);
      return rows.map((row): Thing => {
        const facts = (JSON.parse(row.facts) as [string, string | null][]).flatMap(([label, value]) =>
          value === null ? [] : [{ label, value }],
        );
        const { id, title, subtitle } = row;
        return { key: keyOf(kind, row.key), kind, id, title, subtitle, href: hrefOf(row.href), facts };
      });
    }),
  );
  return new Map(found.flat().map((thing) => [thing.key, thing]));
}

/** A version's is its model's name and its number: a name may hold anything. */
function hrefOf(href: string | null): string | null {
  const [name = '', version] = (href ?? '').split('\n');
  return version === undefined ? href : `/models/${encodeURIComponent(name)}?version=${version}`;
}
