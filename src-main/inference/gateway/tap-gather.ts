/**
 * Gathers served rows into blocks (platform/tap-block.ts) on the gateway's own thread, between two answers: values are
 * copied as they are, nothing is made per row, and only what is logged keeps its id, unit, latency and label.
 */
import type { Datatype } from '../../contract/common.ts';
import type { EndpointSpec } from '../../platform/link.ts';
import { predictionId, requestKey } from '../../platform/prediction-id.ts';
import {
  type LoggedRows,
  NO_TEXT,
  noLogged,
  type TapBlock,
  type TapColumn,
} from '../../platform/tap-block.ts';
import type { InferRequest, InputTensor, OutputTensor, Scalar } from './request.ts';
import type { ServedModel } from './served-model.ts';
import { toValues } from './tensor-frames.ts';

/** Wider inputs (images, embeddings) are not features that anyone charts by name. */
const MAX_COLUMNS = 256;
const FIRST_ROWS = 32;
/** Hex digits of the unit that stood for none: 96 bits. */
const INPUT_UNIT = 24;

/** A call that was answered, as far as monitoring wants to know (service.ts Call). */
export type Served = {
  route: {
    endpoint: EndpointSpec;
    arm: string;
    model: ServedModel;
    unit: string | null;
    inputUnit: string | null;
    apart: boolean;
  };
  request: InferRequest;
  id: string;
  eventMs: number | null;
  receivedMs: number;
};

type Floats = Float32Array | Float64Array;
type Open = {
  name: string;
  width: number;
  /** Place of the input in the request; -1 of the score. */
  input: number;
} & (
  | { kind: 'f32' | 'f64'; values: Floats; bytes: Uint8Array; nulls: number[] }
  | { kind: 'bool'; values: Uint8Array }
  | { kind: 'text'; values: Uint32Array; texts: string[]; known: Map<string, number> }
);

type OpenBlock = {
  endpoint: EndpointSpec;
  arm: string;
  model: ServedModel;
  rows: number;
  room: number;
  eventMs: Float64Array;
  receivedMs: Float64Array;
  columns: Open[];
  score: (Open & { kind: 'f32' | 'f64' }) | null;
  logged: LoggedRows;
};

/** Values of a request that are watched: what counting it costs. */
export function watchedValues(request: InferRequest): number {
  let values = 0;
  for (const input of request.inputs) if (isWatched(input, request.rows)) values += input.count;
  return values;
}

export function createGather() {
  let blocks: OpenBlock[] = [];
  let bytes = 0;
  let rows = 0;
  let logged = 0;

  function blockFor({ route, request }: Served): OpenBlock {
    for (let at = 0; at < blocks.length; at++) {
      const block = blocks[at] as OpenBlock;
      if (
        block.model === route.model &&
        block.endpoint === route.endpoint &&
        block.arm === route.arm &&
        fits(block, request)
      )
        return block;
    }
    const { score } = route.model.spec.prediction;
    const block: OpenBlock = {
      ...{ endpoint: route.endpoint, arm: route.arm, model: route.model, rows: 0, room: FIRST_ROWS },
      eventMs: new Float64Array(FIRST_ROWS),
      receivedMs: new Float64Array(FIRST_ROWS),
      columns: request.inputs.flatMap((input, at) => {
        if (!isWatched(input, request.rows)) return [];
        return [openColumn(input.name, input.count / request.rows, input.datatype, at)];
      }),
      score: score && (openColumn('score', 1, 'FP64', -1) as OpenBlock['score']),
      logged: noLogged(),
    };
    blocks.push(block);
    return block;
  }

  return {
    /** Adds the rows of an answer, and to the log too when `log` says so; `latencyUs` is of the answer. */
    add(served: Served, outputs: readonly OutputTensor[], latencyUs: number, log: boolean): void {
      const { request, route } = served;
      const block = blockFor(served);
      const first = block.rows;
      const end = first + request.rows;
      if (end > block.room) grow(block, end);
      const eventMs = served.eventMs ?? served.receivedMs;
      for (let row = first; row < end; row++) {
        block.eventMs[row] = eventMs;
        block.receivedMs[row] = served.receivedMs;
      }
      for (let at = 0; at < block.columns.length; at++) {
        const column = block.columns[at] as Open;
        bytes += copy(column, request.inputs[column.input] as InputTensor, first * column.width);
      }
      const { prediction } = route.model.spec;
      const output = prediction.score && findOutput(outputs, prediction.score.output);
      if (block.score && prediction.score)
        for (let row = 0; row < request.rows; row++) {
          const value = output ? numberAt(output, row, request.rows, prediction.score.index) : null;
          block.score.values[first + row] = value ?? Number.NaN;
          if (value === null) block.score.nulls.push(first + row);
        }
      block.rows = end;
      rows += request.rows;
      bytes += 24 * request.rows;
      if (log) {
        addLogged(block, served, outputs, first, latencyUs);
        logged += request.rows;
        bytes += 200 * request.rows;
      }
    },
    rows: () => rows,
    logged: () => logged,
    /** About what the gathered rows hold. */
    bytes: () => bytes,
    /** Everything gathered since the last call. */
    take(): TapBlock[] {
      const taken = blocks.map(close);
      blocks = [];
      bytes = 0;
      rows = 0;
      logged = 0;
      return taken;
    },
  };
}

function isWatched(input: InputTensor, rows: number): boolean {
  const width = input.count / rows;
  const half = input.datatype === 'FP16' || input.datatype === 'BF16';
  return width > 0 && width <= MAX_COLUMNS && Number.isInteger(width) && !half;
}

/** Inputs may change their width from request to request. */
function fits(block: OpenBlock, request: InferRequest): boolean {
  let watched = 0;
  for (let at = 0; at < request.inputs.length; at++) {
    const input = request.inputs[at] as InputTensor;
    const column = block.columns[watched];
    if (column?.input === at && column.width * request.rows === input.count) watched += 1;
    else if (isWatched(input, request.rows)) return false;
  }
  return watched === block.columns.length;
}

function openColumn(name: string, width: number, datatype: Datatype, input: number): Open {
  const common = { name, width, input };
  const room = FIRST_ROWS * width;
  if (datatype === 'BYTES')
    return { ...common, kind: 'text', values: new Uint32Array(room), texts: [], known: new Map() };
  if (datatype === 'BOOL') return { ...common, kind: 'bool', values: new Uint8Array(room) };
  const values = datatype === 'FP32' ? new Float32Array(room) : new Float64Array(room);
  const kind = datatype === 'FP32' ? 'f32' : 'f64';
  return { ...common, kind, values, bytes: new Uint8Array(values.buffer), nulls: [] };
}

function grow(block: OpenBlock, rows: number): void {
  while (block.room < rows) block.room *= 2;
  block.eventMs = grown(block.eventMs, block.room);
  block.receivedMs = grown(block.receivedMs, block.room);
  for (const column of block.score ? [...block.columns, block.score] : block.columns) {
    const room = block.room * column.width;
    if (column.kind === 'text' || column.kind === 'bool') column.values = grown(column.values, room);
    else {
      column.values = grown(column.values, room);
      column.bytes = new Uint8Array(column.values.buffer);
    }
  }
}

function grown<T extends Floats | Uint8Array | Uint32Array>(array: T, room: number): T {
  const wider = new (array.constructor as new (length: number) => T)(room);
  wider.set(array as never);
  return wider;
}

/** Returns about how many bytes it took. */
function copy(column: Open, input: InputTensor, at: number): number {
  if (column.kind === 'text') return copyTexts(column, input, at);
  if (column.kind === 'bool') copyBooleans(column.values, input, at);
  else copyFloats(column, input, at);
  return input.count * column.values.BYTES_PER_ELEMENT;
}

function copyBooleans(into: Uint8Array, { values, raw }: InputTensor, at: number): void {
  if (values) for (let i = 0; i < values.length; i++) into[at + i] = values[i] ? 1 : 0;
  else if (raw) for (let i = 0; i < raw.length; i++) into[at + i] = raw[i] === 0 ? 0 : 1;
}

function copyFloats(
  column: Open & { kind: 'f32' | 'f64' },
  { values, raw, datatype, count }: InputTensor,
  at: number,
): void {
  if (values) copyNumbers(column, values, at);
  else if (raw && (datatype === 'FP32' || datatype === 'FP64'))
    column.bytes.set(raw, at * column.values.BYTES_PER_ELEMENT);
  else if (raw) copyNumbers(column, toValues(datatype, raw, count) as ArrayLike<Scalar>, at);
}

function copyNumbers(
  { values: into, nulls }: { values: Floats; nulls: number[] },
  from: ArrayLike<Scalar>,
  at: number,
): void {
  for (let i = 0; i < from.length; i++) {
    const value = from[i] as Scalar;
    if (typeof value === 'number') into[at + i] = value;
    else if (value === null) {
      into[at + i] = Number.NaN;
      nulls.push(at + i);
    } else into[at + i] = Number(value);
  }
}

function copyTexts(column: Open & { kind: 'text' }, input: InputTensor, at: number): number {
  const texts = (input.values ??
    toValues('BYTES', input.raw as Buffer, input.count) ??
    []) as readonly string[];
  let bytes = 4 * input.count;
  for (let i = 0; i < input.count; i++) {
    const text = texts[i];
    if (text === undefined) {
      column.values[at + i] = NO_TEXT;
      continue;
    }
    let place = column.known.get(text);
    if (place === undefined) {
      place = column.texts.length;
      column.texts.push(text);
      column.known.set(text, place);
      bytes += 40 + 2 * text.length;
    }
    column.values[at + i] = place;
  }
  return bytes;
}

function addLogged(
  block: OpenBlock,
  { route, request, id }: Served,
  outputs: readonly OutputTensor[],
  first: number,
  latencyUs: number,
): void {
  const { logged, score } = block;
  const { prediction } = route.model.spec;
  const key = requestKey(id);
  const label = prediction.label === null ? undefined : findOutput(outputs, prediction.label);
  for (let row = 0; row < request.rows; row++) {
    logged.at.push(first + row);
    logged.id.push(predictionId(key, request.rows === 1 ? null : row));
    logged.unit.push(route.unit);
    logged.inputUnit.push(route.inputUnit === null ? null : route.inputUnit.slice(0, INPUT_UNIT));
    logged.latencyUs.push(latencyUs);
    logged.apart.push(route.apart);
    logged.label.push(
      label
        ? labelAt(label, row, request.rows)
        : fromScore(score?.values[first + row] ?? Number.NaN, prediction.threshold),
    );
  }
}

function close(block: OpenBlock): TapBlock {
  const { endpoint, arm, model, rows } = block;
  const column = (open: Open): TapColumn => {
    const { name, width, kind } = open;
    const count = rows * width;
    if (kind === 'text')
      return { name, width, kind, values: open.values.subarray(0, count), texts: open.texts };
    if (kind === 'bool') return { name, width, kind, values: open.values.subarray(0, count) };
    const nulls = Uint32Array.from(open.nulls);
    if (kind === 'f32') {
      const values = (open.values as Float32Array).subarray(0, count);
      return { name, width, kind, values, nulls };
    }
    return { name, width, kind, values: (open.values as Float64Array).subarray(0, count), nulls };
  };
  return {
    endpoint: endpoint.name,
    arm,
    version: model.spec.version,
    revision: endpoint.revision,
    rows,
    eventMs: block.eventMs.subarray(0, rows),
    receivedMs: block.receivedMs.subarray(0, rows),
    columns: block.columns.map(column),
    score: block.score && column(block.score),
    logged: block.logged,
  };
}

function findOutput(outputs: readonly OutputTensor[], name: string): OutputTensor | undefined {
  for (let at = 0; at < outputs.length; at++) if (outputs[at]?.name === name) return outputs[at];
  return undefined;
}

const widthOf = (output: OutputTensor, rows: number): number => (output.to - output.from) / rows;

function numberAt(output: OutputTensor, row: number, rows: number, index: number): number | null {
  const width = widthOf(output, rows);
  return index >= width ? null : Number(output.values[output.from + row * width + index]);
}

function labelAt(output: OutputTensor, row: number, rows: number): string | null {
  const value = output.values[output.from + row * widthOf(output, rows)];
  if (value === undefined) return null;
  return output.datatype === 'BOOL' ? String(Boolean(value)) : String(value);
}

/** A model that gives only a score predicts "1" from the threshold on. */
const fromScore = (score: number, threshold: number): string | null =>
  Number.isFinite(score) ? (score >= threshold ? '1' : '0') : null;
