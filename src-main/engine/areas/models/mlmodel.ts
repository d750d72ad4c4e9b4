/**
 * Reads MLflow's MLmodel file: the part of YAML that it is written in (nested mappings; plain, 'single' and "double"
 * quoted texts that may go on over several lines). Lists and anything else are passed over. Never throws. Pure.
 */
import type { MlflowField, MlflowModel } from '../../../contract/models.ts';

type Mapping = { [key: string]: string | Mapping };
type Line = { indent: number; text: string };

const MOST_LINES = 5_000;
const MOST_FIELDS = 2_000;
const MOST_DEPTH = 12;

export function parseMlmodel(text: string): MlflowModel & { examplePath: string | null } {
  const root = parseMapping(toLines(text), { at: 0 }, 0, 0);
  const signature = mapping(root.signature);
  const example = mapping(root.saved_input_example_info);
  return {
    flavors: Object.keys(mapping(root.flavors)),
    mlflowVersion: plain(root.mlflow_version),
    createdAt: plain(root.utc_time_created),
    inputs: fieldsOf(plain(signature.inputs)),
    outputs: fieldsOf(plain(signature.outputs)),
    params: fieldsOf(plain(signature.params)),
    examplePath: plain(example.artifact_path) || null,
  };
}

const mapping = (value: string | Mapping | undefined): Mapping => (typeof value === 'object' ? value : {});
const plain = (value: string | Mapping | undefined): string => (typeof value === 'string' ? value : '');

const toLines = (text: string): Line[] =>
  text.split('\n', MOST_LINES).map((raw) => {
    const line = raw.replace(/\r$/, '');
    return { indent: line.length - line.trimStart().length, text: line.trim() };
  });

/** Keys at `indent` and what is below them, until a line that is further left. */
function parseMapping(
  lines: readonly Line[],
  cursor: { at: number },
  indent: number,
  depth: number,
): Mapping {
  const found: Mapping = Object.create(null) as Mapping;
  while (cursor.at < lines.length) {
    const line = lines[cursor.at];
    if (!line) break;
    if (line.text === '' || line.text.startsWith('#')) {
      cursor.at += 1;
      continue;
    }
    if (line.indent < indent) break;
    const [, key, rest] = /^([A-Za-z0-9_.-]+):(?:\s+(.*))?$/.exec(line.text) ?? [];
    cursor.at += 1;
    if (line.indent > indent || key === undefined) continue;
    const next = lines[cursor.at];
    if (rest === undefined || rest === '') {
      const deeper = next && next.indent > indent && depth < MOST_DEPTH;
      found[key] = deeper ? parseMapping(lines, cursor, next.indent, depth + 1) : '';
    } else found[key] = parseText(lines, cursor, indent, rest);
  }
  return found;
}

/** A text that begins on the key's line; those that are further right go on with it. */
function parseText(lines: readonly Line[], cursor: { at: number }, indent: number, first: string): string {
  const quote = first[0] === "'" || first[0] === '"' ? first[0] : null;
  let text = first;
  while (cursor.at < lines.length) {
    const next = lines[cursor.at];
    if (!next || (quote ? isClosed(text, quote) : next.text === '' || next.indent <= indent)) break;
    text += next.text === '' ? '\n' : text.endsWith('\n') ? next.text : ` ${next.text}`;
    cursor.at += 1;
  }
  if (quote === "'") return text.replace(/^'|'\s*$/g, '').replaceAll("''", "'");
  if (quote === '"') return unescaped(text.replace(/^"|"\s*$/g, ''));
  return text.replace(/\s+#.*$/, '');
}

function isClosed(text: string, quote: string): boolean {
  const inner = text.slice(1).trimEnd();
  if (!inner.endsWith(quote)) return false;
  if (quote === '"') return (/\\*$/.exec(inner.slice(0, -1))?.[0].length ?? 0) % 2 === 0;
  return (/'+$/.exec(inner)?.[0].length ?? 0) % 2 === 1;
}

/** A backslash before a line's end joins the lines: it stands before the blank that joined them. */
const unescaped = (text: string): string =>
  text
    .replace(/\\ \\?/g, '')
    .replace(/\\(["\\/])/g, '$1')
    .replace(/\\n/g, '\n');

/** Fields of a signature, as MLflow writes them in JSON: columns with a type, or tensors with dtype and shape. */
function fieldsOf(json: string): MlflowField[] {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    return [];
  }
  return Array.isArray(given) ? given.slice(0, MOST_FIELDS).map(toField) : [];
}

function toField(given: unknown): MlflowField {
  const field = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  const tensor = (field['tensor-spec'] ?? {}) as { dtype?: unknown; shape?: unknown };
  const shape = Array.isArray(tensor.shape) ? tensor.shape : Array.isArray(field.shape) ? field.shape : null;
  return {
    name: typeof field.name === 'string' ? field.name : '',
    type: String(tensor.dtype ?? typeText(field, 0)),
    shape: shape?.map(Number).filter(Number.isFinite) ?? null,
    required: field.required !== false && field.optional !== true,
  };
}

/** `array(string)`, `object(name, age)`. */
function typeText(field: Record<string, unknown>, depth: number): string {
  const { type } = field;
  if (typeof type !== 'string') return 'unknown';
  if (depth > 3) return type;
  if (type === 'array' && typeof field.items === 'object' && field.items !== null)
    return `array(${typeText(field.items as Record<string, unknown>, depth + 1)})`;
  if (type === 'object' && typeof field.properties === 'object' && field.properties !== null)
    return `object(${Object.keys(field.properties).slice(0, 20).join(', ')})`;
  return type;
}
