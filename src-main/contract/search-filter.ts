/**
 * MLflow's search grammar, strictly: comparisons joined by AND; no OR, no parentheses but those of IN lists.
 * https://mlflow.org/docs/latest/ml/search/search-runs
 */
export type Comparator = '=' | '!=' | '>' | '>=' | '<' | '<=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN';
/** Of tags and params also whether there is one; then the value is ''. */
export type Operator = Comparator | 'IS NULL' | 'IS NOT NULL';
export type FieldType = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset';
export type Field = { type: FieldType; key: string };
export type Comparison = { field: Field; op: Operator; value: string | number | string[] };
export type OrderBy = { field: Field; descending: boolean };
export type Entity = 'runs' | 'experiments' | 'registered-models' | 'model-versions' | 'logged-models';

/** `at` is the offset of what is wrong. */
export class FilterError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = 'FilterError';
    this.at = at;
  }
}

/** What a client may write before the dot. */
export const TYPES: Readonly<Record<string, FieldType>> = Object.fromEntries(
  (
    [
      ['attribute', ['attribute', 'attributes', 'attr', 'run']],
      ['metric', ['metric', 'metrics']],
      ['param', ['param', 'params', 'parameter', 'parameters']],
      ['tag', ['tag', 'tags']],
      ['dataset', ['dataset', 'datasets']],
    ] as const
  ).flatMap(([type, names]) => names.map((name) => [name, type])),
);

type Grammar = {
  types: readonly FieldType[];
  /** Names a client may write for each attribute. */
  texts: Readonly<Record<string, string>>;
  numbers: Readonly<Record<string, string>>;
  /** Attributes that IN and NOT IN work on. */
  lists: readonly string[];
  /** Attributes that only order_by knows. */
  orderOnly?: readonly string[];
};
const CREATED = { creation_timestamp: 'creation_timestamp', creation_time: 'creation_timestamp' };
const UPDATED = {
  last_updated_timestamp: 'last_updated_timestamp',
  last_updated_time: 'last_updated_timestamp',
};

const GRAMMARS: Record<Entity, Grammar> = {
  runs: {
    types: ['attribute', 'metric', 'param', 'tag', 'dataset'],
    texts: {
      run_id: 'run_id',
      run_name: 'run_name',
      'run name': 'run_name',
      'Run name': 'run_name',
      'Run Name': 'run_name',
      user_id: 'user_id',
      status: 'status',
      artifact_uri: 'artifact_uri',
    },
    numbers: { start_time: 'start_time', created: 'start_time', Created: 'start_time', end_time: 'end_time' },
    lists: ['run_id'],
  },
  experiments: {
    types: ['attribute', 'tag'],
    texts: { name: 'name', experiment_id: 'experiment_id' },
    numbers: { creation_time: 'creation_time', last_update_time: 'last_update_time' },
    lists: [],
  },
  'registered-models': {
    types: ['attribute', 'tag'],
    texts: { name: 'name' },
    numbers: { ...CREATED, ...UPDATED, timestamp: 'last_updated_timestamp' },
    lists: ['name'],
    orderOnly: ['creation_timestamp', 'last_updated_timestamp'],
  },
  'model-versions': {
    types: ['attribute', 'tag'],
    texts: { name: 'name', run_id: 'run_id', source_path: 'source_path' },
    numbers: { version_number: 'version_number', ...CREATED, ...UPDATED },
    lists: ['name', 'run_id'],
    orderOnly: ['creation_timestamp', 'last_updated_timestamp'],
  },
  'logged-models': {
    types: ['attribute', 'metric', 'param', 'tag'],
    texts: {
      name: 'name',
      model_id: 'model_id',
      model_type: 'model_type',
      status: 'status',
      source_run_id: 'source_run_id',
    },
    numbers: { ...CREATED, ...UPDATED },
    lists: ['name', 'model_id', 'model_type', 'status', 'source_run_id'],
  },
};
const DATASET_KEYS = ['name', 'digest', 'context'];

const NUMERIC: readonly Comparator[] = ['=', '!=', '>', '>=', '<', '<='];
const TEXTUAL: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];

export type Token = {
  kind: 'word' | 'quoted' | 'backtick' | 'number' | 'op' | 'punct';
  text: string;
  at: number;
  end: number;
};

const PATTERN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(`[^`]*`)|([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w]))|(!=|<>|>=|<=|=|>|<)|([().,])|([^\s"'`=!<>(),.]+))/y;

/** The words, values and signs of a filter. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  while (text.slice(PATTERN.lastIndex).trim() !== '') {
    const from = PATTERN.lastIndex;
    const match = PATTERN.exec(text);
    if (!match) {
      const gap = text.slice(from).length - text.slice(from).trimStart().length;
      throw new FilterError(`Invalid filter '${text}'. Could not be parsed.`, from + gap);
    }
    const [whole, quoted, backtick, number, op, punct, word] = match;
    const at = from + whole.length - whole.trimStart().length;
    const raw = quoted ?? backtick ?? number ?? op ?? punct ?? word ?? '';
    const kind = quoted
      ? 'quoted'
      : backtick
        ? 'backtick'
        : number
          ? 'number'
          : op
            ? 'op'
            : punct
              ? 'punct'
              : 'word';
    tokens.push({ kind, text: raw, at: from + whole.length - raw.length, end: at + raw.length });
  }
  return tokens;
}

export const unquoted = (token: Token): string => token.text.slice(1, -1);

/** Comparisons that must all hold; none for an empty text. */
export function parseFilter(text: string, entity: Entity): Comparison[] {
  const tokens = tokensOf(text);
  const found: Comparison[] = [];
  let at = 0;
  const peek = () => tokens[at];
  const fail = (message: string): never => {
    throw new FilterError(message, peek()?.at ?? text.length);
  };
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.text.toUpperCase() === word;

  while (at < tokens.length) {
    if (found.length > 0) {
      if (!isWord('AND')) fail(`Invalid clause(s) in filter string: '${text.slice(peek()?.at ?? 0)}'`);
      at++;
    }
    const field = readField();
    const op = readOp(field);
    found.push({ field, op, value: op.startsWith('IS') ? '' : readValue(field, op) });
  }
  return found;

  function readField(): Field {
    const [field, next] = fieldAt(tokens, at, entity, text);
    if (field.type === 'attribute' && GRAMMARS[entity].orderOnly?.includes(field.key))
      throw unknownAttribute(field.key, entity, tokens[at]?.at ?? 0);
    at = next;
    return field;
  }
  function readOp(field: Field): Operator {
    let op: string;
    if (isWord('NOT')) {
      at++;
      if (!isWord('IN')) fail(`Invalid clause(s) in filter string: '${text}'`);
      op = 'NOT IN';
    } else if (isWord('IS')) {
      at++;
      const not = isWord('NOT');
      if (not) at++;
      if (!isWord('NULL')) fail(`Invalid clause(s) in filter string: '${text}'`);
      op = not ? 'IS NOT NULL' : 'IS NULL';
    } else op = (peek()?.text ?? '').toUpperCase();
    if (op === '<>') op = '!=';
    const allowed = operatorsOf(field, entity);
    if (!allowed.includes(op as Operator))
      fail(`Invalid comparator '${op}' not one of '${allowed.join("', '")}'`);
    at++;
    return op as Operator;
  }
  function readValue(field: Field, op: Operator): Comparison['value'] {
    if (op === 'IN' || op === 'NOT IN') return readList();
    const token = peek();
    if (isNumeric(field, entity)) {
      if (field.key === 'version_number' && token?.kind === 'quoted' && /^\d+$/.test(unquoted(token))) {
        at++;
        return Number(unquoted(token));
      }
      if (token?.kind !== 'number')
        return fail(
          `Expected numeric value type for ${field.type === 'metric' ? 'metric' : `numeric attribute: ${field.key}`}. Found ${token?.text ?? ''}`,
        );
      at++;
      return Number(token.text);
    }
    if (token?.kind !== 'quoted')
      return fail(
        `Expected a quoted string value for ${field.type} (e.g. 'my-value'). Got value ${token?.text ?? ''}`,
      );
    at++;
    return unquoted(token);
  }
  function readList(): string[] {
    const ill =
      'While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.';
    const values: string[] = [];
    if (peek()?.text !== '(') fail(ill);
    at++;
    for (;;) {
      const token = peek();
      if (token?.kind !== 'quoted') return fail(ill);
      values.push(unquoted(token));
      at++;
      const next = peek()?.text;
      at++;
      if (next === ')') return values;
      if (next !== ',') return fail(ill);
      if (peek()?.text === ')') {
        at++;
        return values;
      }
    }
  }
}

/** One item of order_by: a field, then ASC (the default) or DESC. */
export function parseOrderBy(text: string, entity: Entity): OrderBy {
  const tokens = tokensOf(text);
  const wrong = () => new FilterError(`Invalid order_by clause '${text}'. Could not be parsed.`, 0);
  if (tokens.length === 0) throw wrong();
  const [field, next] = fieldAt(tokens, 0, entity, text);
  const direction = tokens[next]?.text.toUpperCase() ?? 'ASC';
  if ((direction !== 'ASC' && direction !== 'DESC') || tokens.length > next + 1) throw wrong();
  if (field.type === 'dataset') throw new FilterError(`Invalid order_by entity type 'dataset'`, 0);
  return { field, descending: direction === 'DESC' };
}

/** The field that begins at token `at`, and the token after it. Keys with dots may go without quotes. */
function fieldAt(tokens: readonly Token[], at: number, entity: Entity, text: string): [Field, number] {
  const first = tokens[at];
  const name = (token: Token) =>
    token.kind === 'word' || token.kind === 'number' ? token.text : unquoted(token);
  if (
    !first ||
    first.kind === 'op' ||
    first.kind === 'punct' ||
    first.kind === 'number' ||
    (first.kind === 'quoted' && first.text.startsWith("'"))
  )
    throw new FilterError(`Invalid clause(s) in filter string: '${text}'`, first?.at ?? text.length);
  if (tokens[at + 1]?.text !== '.' || first.kind !== 'word')
    return [attribute(name(first), entity, first.at), at + 1];
  const type = TYPES[first.text.toLowerCase()];
  const valid = GRAMMARS[entity].types;
  if (!type || !valid.includes(type))
    throw new FilterError(
      `Invalid entity type '${first.text}'. Valid values are ['${valid.join("', '")}']`,
      first.at,
    );
  let key = '';
  let next = at + 2;
  // a.b.c and a-1 are one key as long as nothing stands between.
  for (let token = tokens[next]; token; token = tokens[next]) {
    const joined = next === at + 2 || token.at === tokens[next - 1]?.end;
    if (!joined || token.kind === 'op' || '(),'.includes(token.text)) break;
    key += token.text === '.' ? '.' : name(token);
    next++;
    if (token.kind === 'backtick' || token.kind === 'quoted') break;
  }
  if (key === '')
    throw new FilterError(
      `Invalid identifier '${text}'. Columns should be specified as 'attribute.<key>', 'metric.<key>', 'tag.<key>', 'dataset.<key>', or 'param.'.`,
      first.at,
    );
  if (type === 'attribute') return [attribute(key, entity, first.at), next];
  if (type === 'dataset' && !DATASET_KEYS.includes(key))
    throw new FilterError(
      `Invalid dataset key '${key}' specified. Valid keys are '${DATASET_KEYS.join("', '")}'`,
      first.at,
    );
  return [{ type, key }, next];
}

function attribute(key: string, entity: Entity, at: number): Field {
  const { texts, numbers } = GRAMMARS[entity];
  const names = new Map([...Object.entries(texts), ...Object.entries(numbers)]);
  const known = names.get(key);
  if (known === undefined) throw unknownAttribute(key, entity, at);
  return { type: 'attribute', key: known };
}

function unknownAttribute(key: string, entity: Entity, at: number): FilterError {
  const { texts, numbers, orderOnly = [] } = GRAMMARS[entity];
  const keys = [...Object.keys(texts), ...Object.keys(numbers)].filter((one) => !orderOnly.includes(one));
  return new FilterError(
    `Invalid attribute key '${key}' specified. Valid keys are '${keys.join("', '")}'`,
    at,
  );
}

const isNumeric = ({ type, key }: Field, entity: Entity): boolean =>
  type === 'metric' || (type === 'attribute' && Object.values(GRAMMARS[entity].numbers).includes(key));

function operatorsOf(field: Field, entity: Entity): readonly Operator[] {
  if (isNumeric(field, entity)) return NUMERIC;
  const mayLack = field.type === 'tag' || field.type === 'param';
  if (mayLack && (entity === 'runs' || entity === 'experiments'))
    return [...TEXTUAL, 'IS NULL', 'IS NOT NULL'];
  const lists =
    field.type === 'dataset' || (field.type === 'attribute' && GRAMMARS[entity].lists.includes(field.key));
  return lists ? [...TEXTUAL, 'IN', 'NOT IN'] : TEXTUAL;
}
