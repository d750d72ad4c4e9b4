/** Searches of the registry by MLflow's grammar, on a reader thread. */
import { type Comparison, type OrderBy, parseFilter, parseOrderBy } from '../../../contract/search-filter.ts';
import type { Readers } from '../../data/readers.ts';
import {
  allOf,
  byColumn,
  compare,
  type Found,
  findPage,
  inOrder,
  parsed,
  type Sql,
} from '../../data/search.ts';
import { REGISTERED_MODEL_JSON, VERSION_JSON } from './registry-view.sql.ts';

export type RegistrySearch = { filter: string; orderBy: readonly string[]; limit: number; offset: number };

const PROMPT_TAG = 'mlflow.prompt.is_prompt';
const MODEL_COLUMNS: Record<string, string> = {
  name: 'm.name',
  creation_timestamp: 'm.created_ms',
  last_updated_timestamp: 'm.updated_ms',
};
const VERSION_COLUMNS: Record<string, string> = {
  name: 'm.name',
  version_number: 'v.version',
  run_id: 'v.run_uuid',
  source_path: 'v.source',
  creation_timestamp: 'v.created_ms',
  last_updated_timestamp: 'v.updated_ms',
};

const hasTag = (table: string, owner: string, key: string, condition: Sql): Sql => ({
  sql: `EXISTS (SELECT 1 FROM ${table} t WHERE t.${owner} AND t.name = ? AND ${condition.sql})`,
  params: [key, ...condition.params],
});

/** MLflow keeps prompts among the models; a search finds them only when its filter speaks of them. */
function promptsOf(filter: readonly Comparison[]): { wanted: boolean; rest: Comparison[] } {
  const isPrompt = ({ field }: Comparison) => field.type === 'tag' && field.key === PROMPT_TAG;
  const asked = filter.filter(isPrompt);
  return {
    wanted: asked.some(({ op, value }) => (op === '=') === (value === 'true')),
    rest: filter.filter((one) => !isPrompt(one)),
  };
}
const promptCondition = (wanted: boolean): Sql => {
  const { sql, params } = hasTag('registered_model_tag', 'model_id = m.id', PROMPT_TAG, {
    sql: `lower(t.val) = 'true'`,
    params: [],
  });
  return { sql: wanted ? sql : `NOT ${sql}`, params };
};

export async function searchModels(readers: Readers, search: RegistrySearch): Promise<Found> {
  const { where, order, prompts } = parsed(() => {
    const { wanted, rest } = promptsOf(parseFilter(search.filter, 'registered-models'));
    return {
      prompts: promptCondition(wanted),
      where: allOf(rest, (one) =>
        one.field.type === 'tag'
          ? hasTag('registered_model_tag', 'model_id = m.id', one.field.key, compare('t.val', one))
          : compare(MODEL_COLUMNS[one.field.key] ?? 'NULL', one),
      ),
      order: orderOf(
        search.orderBy.map((text) => parseOrderBy(text, 'registered-models')),
        MODEL_COLUMNS,
        ['m.name'],
      ),
    };
  });
  return findPage(readers, search, {
    sql: `SELECT m.id FROM registered_model m WHERE m.deleted_ms IS NULL AND ${prompts.sql} AND (${where.sql})
      ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    params: [...prompts.params, ...where.params, ...order.params],
    row: `SELECT ${REGISTERED_MODEL_JSON} FROM registered_model m WHERE m.id = page.id`,
  });
}

export async function searchVersions(readers: Readers, search: RegistrySearch): Promise<Found> {
  const { where, order } = parsed(() => ({
    where: allOf(parseFilter(search.filter, 'model-versions'), (one) =>
      one.field.type === 'tag'
        ? hasTag('model_version_tag', 'version_id = v.id', one.field.key, compare('t.val', one))
        : compare(VERSION_COLUMNS[one.field.key] ?? 'NULL', one),
    ),
    order: orderOf(
      search.orderBy.map((text) => parseOrderBy(text, 'model-versions')),
      VERSION_COLUMNS,
      ['v.updated_ms DESC', 'm.name', 'v.version DESC'],
    ),
  }));
  const versions = 'model_version v JOIN registered_model m ON m.id = v.model_id';
  return findPage(readers, search, {
    sql: `SELECT v.id FROM ${versions} WHERE v.deleted_ms IS NULL AND m.deleted_ms IS NULL AND (${where.sql})
      ORDER BY ${order.sql} LIMIT ? OFFSET ?`,
    params: [...where.params, ...order.params],
    row: `SELECT ${VERSION_JSON} FROM ${versions} WHERE v.id = page.id`,
  });
}

const orderOf = (
  orders: readonly OrderBy[],
  columns: Record<string, string>,
  usual: readonly string[],
): Sql =>
  inOrder([
    ...orders.map(({ field, descending }) =>
      byColumn(columns[field.key] ?? 'NULL', descending ? 'DESC' : 'ASC'),
    ),
    ...usual.map((sql) => ({ sql, params: [] })),
  ]);
