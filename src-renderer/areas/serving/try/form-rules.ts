/** The form that a signature makes: what is asked for each input, and the tensors that the answers make. Pure. */
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import {
  blankText,
  bodyText,
  type Draft,
  type Features,
  type InferInput,
  oneRow,
  parseValue,
  rowWidth,
  unsendable,
  type Value,
  valueName,
  valueText,
  withUnit,
} from './request-body.ts';

/** A field for each value of a small row, one text for a large row or one whose size is free. */
export type FieldKind = 'cells' | 'text';
/** The texts of an input's fields. */
export type FormValues = Readonly<Record<string, readonly string[]>>;

const MOST_CELLS = 16;

export function kindOf(spec: TensorSpec): FieldKind {
  const width = rowWidth(spec);
  return width !== null && width <= MOST_CELLS && (spec.shape[0] ?? 1) <= 1 ? 'cells' : 'text';
}

/** One row from known values; what is not known is blank, and a missing float stays missing. */
export function formValues(specs: readonly TensorSpec[], known: Features | null): FormValues {
  return Object.fromEntries(
    specs.map((spec) => {
      const { name, datatype } = spec;
      const width = oneRow(spec).reduce((product, size) => product * Math.max(1, size), 1);
      const cell = (at: number) => {
        const key = valueName(name, at, width);
        return known && key in known ? valueText(datatype, known[key]) : blankText(datatype);
      };
      if (kindOf(spec) === 'cells') return [name, Array.from({ length: width }, (_, at) => cell(at))];
      const line = oneRow(spec).at(-1) ?? 1;
      return [
        name,
        [
          linesOf(
            Array.from({ length: width }, (_, at) => cell(at)),
            line,
          ),
        ],
      ];
    }),
  );
}

/** Values in lines, as a matrix is written. */
function linesOf(values: readonly string[], perLine: number): string {
  const lines: string[] = [];
  const step = Math.max(1, perLine);
  for (let at = 0; at < values.length; at += step) lines.push(values.slice(at, at + step).join(', '));
  return lines.join('\n');
}

/** What is wrong with an input, by cell where it is a cell's fault. */
export type FieldProblem = { at: number | null; text: string };
export type Tensor = { input: InferInput } | { problem: FieldProblem };

export function tensorOf(spec: TensorSpec, texts: readonly string[]): Tensor {
  const { name, datatype } = spec;
  const cannot = unsendable(datatype);
  if (cannot) return { problem: { at: null, text: cannot } };
  const whole = kindOf(spec) === 'text';
  const read = whole ? readText(spec, texts[0] ?? '') : { words: texts, shape: oneRow(spec) };
  if ('problem' in read) return { problem: { at: null, text: read.problem } };
  const data: Value[] = [];
  for (const [at, word] of read.words.entries()) {
    const parsed = parseValue(datatype, word);
    if ('problem' in parsed)
      return {
        problem: whole
          ? { at: null, text: `Value ${at + 1}: ${parsed.problem}` }
          : { at, text: parsed.problem },
      };
    data.push(parsed.value);
  }
  return { input: { name, shape: read.shape, datatype, data } };
}

export function formDraft(specs: readonly TensorSpec[], values: FormValues, unit: string): Draft {
  const inputs: InferInput[] = [];
  for (const spec of specs) {
    const tensor = tensorOf(spec, values[spec.name] ?? []);
    if ('problem' in tensor) return { problem: `${spec.name}: ${tensor.problem.text}` };
    inputs.push(tensor.input);
  }
  return { text: bodyText(withUnit(inputs, unit)), rows: inputs[0]?.shape[0] ?? 1 };
}

type Read = { words: readonly string[]; shape: number[] } | { problem: string };

/** Values between commas, spaces and line ends, or nested JSON lists. Free dimensions follow from what is there. */
function readText(spec: TensorSpec, text: string): Read {
  const target = oneRow(spec);
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return readNested(spec, trimmed, target);
  const lines =
    spec.datatype === 'BYTES' ? trimmed.split('\n') : trimmed.split('\n').filter((line) => line.trim());
  const rows = lines.map((line) =>
    spec.datatype === 'BYTES'
      ? [line]
      : line
          .trim()
          .split(/[\s,;]+/)
          .filter(Boolean),
  );
  const words = rows.flat();
  if (words.length === 0 || (words.length === 1 && words[0] === '')) return { problem: 'Write its values.' };
  const free = target.filter((size) => size < 0).length;
  const fixed = target.reduce((product, size) => (size < 0 ? product : product * size), 1);
  if (free === 0)
    return words.length === fixed
      ? { words, shape: target }
      : { problem: `It takes ${fixed} values, and there are ${words.length}.` };
  if (free === 1) {
    if (words.length % fixed !== 0)
      return { problem: `${words.length} values do not fill rows of ${fixed}.` };
    return { words, shape: target.map((size) => (size < 0 ? words.length / fixed : size)) };
  }
  const perLine = rows[0]?.length ?? 0;
  if (free === 2 && target.length === 3 && rows.every((row) => row.length === perLine))
    return { words, shape: [target[0] ?? 1, rows.length, perLine] };
  return { problem: 'Several of its dimensions are free: write it as nested JSON lists.' };
}

function readNested(spec: TensorSpec, text: string, target: readonly number[]): Read {
  let nested: unknown;
  try {
    nested = JSON.parse(text);
  } catch {
    return { problem: 'The JSON list is not complete.' };
  }
  const shape: number[] = [];
  for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const words = (nested as unknown[]).flat(Number.POSITIVE_INFINITY) as unknown[];
  if (shape.reduce((product, size) => product * size, 1) !== words.length)
    return { problem: 'The nested lists are not all equally long.' };
  // A flat list means its values, and one nested as a single row lacks the batch.
  const fixed = target.every((size) => size >= 0);
  const given =
    shape.length === 1 && fixed && target.length > 1
      ? [...target]
      : shape.length === target.length - 1
        ? [1, ...shape]
        : shape;
  const fits =
    given.length === target.length &&
    spec.shape.every((size, axis) => size < 0 || given[axis] === size) &&
    given.reduce((product, size) => product * size, 1) === words.length;
  if (!fits)
    return { problem: `The lists have the shape [${shape.join(', ')}], not [${spec.shape.join(', ')}].` };
  return { words: words.map((value) => (value === null ? '' : String(value))), shape: given };
}
