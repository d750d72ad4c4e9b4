/**
 * Served rows on their way from the gateway to monitoring: blocks of rows that one version answered under one route,
 * each input as one typed array, row by row. Of every row there is what is counted; of the logged ones, also what a
 * row in the log has. A block is a few numbers in a frame's header and its arrays in the frame's body, one after the
 * other, each at a multiple of eight bytes:
 *
 *   eventMs f64[rows] | receivedMs f64[rows] | per column: values, positions of nulls u32[] | JSON: texts, logged rows
 *
 * All numbers are little-endian, as on every machine that Lathe runs on.
 */
import type { FeatureValue } from '../contract/common.ts';
import type { BlockHeader, ColumnHeader, Prediction } from './link.ts';

/** An input over the rows of a block: `width` values a row. A bool of 2 is null. */
export type TapColumn = { name: string; width: number } & (
  | { kind: 'f32'; values: Float32Array; nulls: Uint32Array }
  | { kind: 'f64'; values: Float64Array; nulls: Uint32Array }
  | { kind: 'bool'; values: Uint8Array }
  /** Each value is a place in `texts`; NO_TEXT is null. */
  | { kind: 'text'; values: Uint32Array; texts: readonly string[] }
  | { kind: 'any'; values: readonly FeatureValue[] }
);
export const NO_TEXT = 0xffff_ffff;
const BOOL_NULL = 2;

/** The logged rows of a block, in the order of `at`, which are rows of the block. */
export type LoggedRows = {
  at: number[];
  id: string[];
  unit: (string | null)[];
  inputUnit: (string | null)[];
  latencyUs: number[];
  apart: boolean[];
  label: (string | null)[];
};

export type TapBlock = {
  endpoint: string;
  arm: string;
  version: string;
  /** Of the endpoint, by whose route the rows were answered; null where that is not known. */
  revision: number | null;
  rows: number;
  eventMs: Float64Array;
  receivedMs: Float64Array;
  columns: TapColumn[];
  /** Null for models without a score. */
  score: TapColumn | null;
  logged: LoggedRows;
};

/** What does not travel as numbers: per column its texts or values, null for the others; the score's come last. */
type Tail = { columns: (readonly FeatureValue[] | null)[]; logged: LoggedRows };

export const noLogged = (): LoggedRows => ({
  at: [],
  id: [],
  unit: [],
  inputUnit: [],
  latencyUs: [],
  apart: [],
  label: [],
});

/** The features a column gives: x alone, or x[0], x[1], … */
export const featureNames = ({ name, width }: Pick<TapColumn, 'name' | 'width'>): string[] =>
  width === 1 ? [name] : Array.from({ length: width }, (_, at) => `${name}[${at}]`);

export function encodeBlock(block: TapBlock): { header: BlockHeader; parts: Uint8Array[] } {
  const parts: Uint8Array[] = [];
  const put = (array: Float64Array | Float32Array | Uint32Array | Uint8Array) => {
    parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    const gap = padding(array.byteLength);
    if (gap > 0) parts.push(new Uint8Array(gap));
  };
  put(block.eventMs);
  put(block.receivedMs);
  const tail: Tail = { columns: [], logged: block.logged };
  const column = (of: TapColumn): ColumnHeader => {
    const { name, width, kind } = of;
    if (of.kind === 'any') tail.columns.push(of.values);
    else {
      put(of.values);
      tail.columns.push(of.kind === 'text' ? of.texts : null);
    }
    const nulls = of.kind === 'f32' || of.kind === 'f64' ? of.nulls : null;
    if (nulls) put(nulls);
    return { name, width, kind, nulls: nulls?.length ?? 0 };
  };
  const columns = block.columns.map(column);
  const score = block.score && column(block.score);
  const json = new TextEncoder().encode(JSON.stringify(tail));
  put(json);
  const { endpoint, arm, version, revision, rows } = block;
  return {
    header: { endpoint, arm, version, revision, rows, columns, score, jsonBytes: json.length },
    parts,
  };
}

/** The blocks of a frame; they do not keep its buffer. Throws RangeError when the body is not what the headers say. */
export function decodeBlocks(headers: readonly BlockHeader[], body: Uint8Array): TapBlock[] {
  // One copy, so that every array stands where it may.
  const bytes = new Uint8Array(body);
  let at = 0;
  const take = <T>(
    ArrayOf: new (buffer: ArrayBuffer, from: number, length: number) => T,
    length: number,
    size: number,
  ) => {
    if (!Number.isSafeInteger(length) || length < 0 || at + length * size > bytes.length)
      throw new RangeError('a tap block is longer than its frame');
    const array = new ArrayOf(bytes.buffer, at, length);
    at += length * size + padding(length * size);
    return array;
  };
  const column = ({ name, width, kind, nulls }: ColumnHeader, rows: number): TapColumn => {
    const count = rows * width;
    const common = { name, width };
    if (kind === 'f32')
      return {
        ...common,
        kind,
        values: take(Float32Array, count, 4),
        nulls: take(Uint32Array, nulls, 4),
      };
    if (kind === 'f64')
      return {
        ...common,
        kind,
        values: take(Float64Array, count, 8),
        nulls: take(Uint32Array, nulls, 4),
      };
    if (kind === 'bool') return { ...common, kind, values: take(Uint8Array, count, 1) };
    if (kind === 'text') return { ...common, kind, values: take(Uint32Array, count, 4), texts: [] };
    return { ...common, kind: 'any', values: [] };
  };
  return headers.map((header) => {
    const { endpoint, arm, version, revision, rows } = header;
    const eventMs = take(Float64Array, rows, 8);
    const receivedMs = take(Float64Array, rows, 8);
    const columns = header.columns.map((each) => column(each, rows));
    const score = header.score && column(header.score, rows);
    const json = take(Uint8Array, header.jsonBytes, 1);
    const tail = JSON.parse(new TextDecoder().decode(json)) as Tail;
    for (const [index, each] of [...columns, ...(score ? [score] : [])].entries()) {
      if (each.kind === 'text') each.texts = tail.columns[index] as string[];
      else if (each.kind === 'any') each.values = tail.columns[index] as FeatureValue[];
    }
    return {
      endpoint,
      arm,
      version,
      revision,
      rows,
      eventMs,
      receivedMs,
      columns,
      score,
      logged: tail.logged,
    };
  });
}

const padding = (bytes: number): number => (8 - (bytes % 8)) % 8;

/** A column's value at `at`, as it is logged: numbers that are not finite have no JSON and are null. */
export function valueAt(column: TapColumn, at: number): FeatureValue {
  if (column.kind === 'any') return column.values[at] ?? null;
  const value = column.values[at] as number;
  if (column.kind === 'text') return value === NO_TEXT ? null : (column.texts[value] as string);
  if (column.kind === 'bool') return value === BOOL_NULL ? null : value === 1;
  return Number.isFinite(value) ? value : null;
}

/** A logged row but for its features. */
export type LoggedRow = Omit<Prediction, 'features'>;

/** The logged rows from `from` to `to` of a block's. */
export function loggedRows(block: TapBlock, from = 0, to = block.logged.at.length): LoggedRow[] {
  const { logged, endpoint, arm, version, revision, score } = block;
  const rows: LoggedRow[] = [];
  for (let at = from; at < to; at++) {
    const row = logged.at[at] as number;
    const scored = score && valueAt(score, row);
    const inputUnit = logged.inputUnit[at] ?? null;
    const each: LoggedRow = {
      id: logged.id[at] as string,
      endpoint,
      arm,
      version,
      unit: logged.unit[at] ?? null,
      eventMs: block.eventMs[row] as number,
      receivedMs: block.receivedMs[row] as number,
      latencyUs: logged.latencyUs[at] as number,
      label: logged.label[at] ?? null,
      score: typeof scored === 'number' ? scored : null,
      apart: logged.apart[at] as boolean,
    };
    if (revision !== null) each.revision = revision;
    if (inputUnit !== null) each.inputUnit = inputUnit;
    rows.push(each);
  }
  return rows;
}

/** The logged rows of a block, with their features. */
export function loggedPredictions(block: TapBlock): Prediction[] {
  const names = block.columns.map(featureNames);
  return loggedRows(block).map((each, at) => {
    const row = block.logged.at[at] as number;
    const features: Record<string, FeatureValue> = {};
    for (const [index, column] of block.columns.entries())
      for (const [offset, name] of (names[index] as string[]).entries())
        features[name] = valueAt(column, row * column.width + offset);
    return { ...each, features };
  });
}

/** Rows that did not come from a gateway's tap, as blocks: one for each endpoint, arm, version and revision. */
export function blocksOfPredictions(predictions: readonly Prediction[]): TapBlock[] {
  const groups = new Map<string, Prediction[]>();
  for (const row of predictions) {
    const key = JSON.stringify([row.endpoint, row.arm, row.version, row.revision ?? null]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map((rows) => {
    const first = rows[0] as Prediction;
    const names = [...new Set(rows.flatMap((row) => Object.keys(row.features)))];
    const any = (name: string, values: FeatureValue[]): TapColumn => ({
      name,
      width: 1,
      kind: 'any',
      values,
    });
    return {
      endpoint: first.endpoint,
      arm: first.arm,
      version: first.version,
      revision: first.revision ?? null,
      rows: rows.length,
      eventMs: Float64Array.from(rows, ({ eventMs }) => eventMs),
      receivedMs: Float64Array.from(rows, ({ receivedMs }) => receivedMs),
      columns: names.map((name) =>
        any(
          name,
          rows.map(({ features }) => features[name] ?? null),
        ),
      ),
      score: any(
        'score',
        rows.map(({ score }) => score),
      ),
      logged: {
        at: rows.map((_, at) => at),
        id: rows.map(({ id }) => id),
        unit: rows.map(({ unit }) => unit),
        inputUnit: rows.map(({ inputUnit }) => inputUnit ?? null),
        latencyUs: rows.map(({ latencyUs }) => latencyUs),
        apart: rows.map(({ apart }) => apart ?? false),
        label: rows.map(({ label }) => label),
      },
    };
  });
}
