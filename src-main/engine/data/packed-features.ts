/**
 * Features of a logged row, packed: as JSON they took the engine longer to write down than everything else together. A row
 * names its layout (table feature_layout), and then has, in the layout's order within each kind:
 *
 *   u32 layout | u32 0 | f64 values | f32 values | bool values (u8; 2 is null) | texts (u32 bytes, UTF-8; NO_TEXT is null)
 *
 * All little-endian. Null and numbers that are not finite are NaN: the log has one word for them. Rows of older workspaces are
 * JSON texts, and stay so.
 */
import type { FeatureValue } from '../../contract/common.ts';
import { featureNames, NO_TEXT, type TapBlock, type TapColumn } from '../../platform/tap-block.ts';
import type { Database } from './database.ts';

/** As `prediction.features` has them; an empty text where they were moved into a file. */
export type StoredFeatures = string | Uint8Array;

/** `json`: a text that is JSON, of values of any type. */
type Kind = 'f64' | 'f32' | 'bool' | 'text' | 'json';
type Layout = readonly (readonly [name: string, kind: Kind])[];

type Column<K extends TapColumn['kind']> = TapColumn & { kind: K };
type Source<K extends TapColumn['kind']> = { column: Column<K>; offset: number };

const HEAD_BYTES = 8;
const BOOL_NULL = 2;
/** Layouts that are remembered: an endpoint has a few. */
const MOST_KNOWN = 1_000;

let room = new ArrayBuffer(16 * 1024);
let bytes = new Uint8Array(room);
let floats = new Float32Array(room);
let doubles = new Float64Array(room);
let words = new DataView(room);

function reserve(length: number): void {
  if (room.byteLength >= length) return;
  const before = bytes;
  room = new ArrayBuffer(8 * Math.ceil(length / 4));
  bytes = new Uint8Array(room);
  bytes.set(before);
  floats = new Float32Array(room);
  doubles = new Float64Array(room);
  words = new DataView(room);
}

export type RowPacker = (row: number) => Uint8Array;

export function createFeatureWriter(db: Database) {
  const find = db.prepare('SELECT id FROM feature_layout WHERE features = ?').pluck();
  const add = db.prepare('INSERT INTO feature_layout(features) VALUES (?) RETURNING id').pluck();
  const known = new Map<string, number>();

  function idOf(layout: Layout): number {
    const features = JSON.stringify(layout);
    let id = known.get(features);
    if (id !== undefined) return id;
    id = (find.get(features) ?? add.get(features)) as number;
    // Within a transaction it may be rolled back.
    if (db.inTransaction) return id;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(features, id);
    return id;
  }

  /**
   * Packs rows of the block, without the masked features. Ask before the transaction that needs it. What a row is packed into
   * is used again for the next one.
   */
  return (block: TapBlock, masked: ReadonlySet<string>): RowPacker => {
    const { layout, ...sources } = sourcesOf(block, masked);
    return packerOf(idOf(layout), sources);
  };
}

type Sources = {
  f64: Source<'f64'>[];
  f32: Source<'f32'>[];
  bool: Source<'bool'>[];
  /** Texts, and JSON as text, together in the layout's order. */
  texts: ((row: number) => Uint8Array | null)[];
};

function sourcesOf(block: TapBlock, masked: ReadonlySet<string>): Sources & { layout: Layout } {
  const layout: [string, Kind][] = [];
  const sources: Sources = { f64: [], f32: [], bool: [], texts: [] };
  for (const column of block.columns)
    for (const [offset, name] of featureNames(column).entries()) {
      if (masked.has(name)) continue;
      layout.push([name, column.kind === 'any' ? 'json' : column.kind]);
      if (column.kind === 'f64') sources.f64.push({ column, offset });
      else if (column.kind === 'f32') sources.f32.push({ column, offset });
      else if (column.kind === 'bool') sources.bool.push({ column, offset });
      else if (column.kind === 'text') sources.texts.push(textsOf(column, offset));
      else sources.texts.push((row) => jsonOf(column.values[row * column.width + offset] ?? null));
    }
  return { layout, ...sources };
}

const utf8 = new TextEncoder();

/** A column has far fewer texts than rows: each is encoded once. */
function textsOf({ values, width, texts }: Column<'text'>, offset: number) {
  const encoded: Uint8Array[] = [];
  return (row: number): Uint8Array | null => {
    const place = values[row * width + offset] as number;
    if (place === NO_TEXT) return null;
    let text = encoded[place];
    if (!text) {
      text = utf8.encode(texts[place] as string);
      encoded[place] = text;
    }
    return text;
  };
}

const jsonOf = (value: FeatureValue): Uint8Array | null =>
  value === null || (typeof value === 'number' && !Number.isFinite(value))
    ? null
    : utf8.encode(JSON.stringify(value));

function packerOf(id: number, { f64, f32, bool, texts }: Sources): RowPacker {
  const firstDouble = HEAD_BYTES / 8;
  const firstFloat = (HEAD_BYTES + 8 * f64.length) / 4;
  const firstBool = 4 * (firstFloat + f32.length);
  const firstText = firstBool + bool.length;
  return (row) => {
    reserve(firstText);
    words.setUint32(0, id, true);
    words.setUint32(4, 0, true);
    for (let at = 0; at < f64.length; at++) {
      const { column, offset } = f64[at] as Source<'f64'>;
      doubles[firstDouble + at] = finite(column.values[row * column.width + offset] as number);
    }
    for (let at = 0; at < f32.length; at++) {
      const { column, offset } = f32[at] as Source<'f32'>;
      floats[firstFloat + at] = finite(column.values[row * column.width + offset] as number);
    }
    for (let at = 0; at < bool.length; at++) {
      const { column, offset } = bool[at] as Source<'bool'>;
      bytes[firstBool + at] = column.values[row * column.width + offset] as number;
    }
    let end = firstText;
    for (const textOf of texts) {
      const text = textOf(row);
      reserve(end + 4 + (text?.length ?? 0));
      words.setUint32(end, text ? text.length : NO_TEXT, true);
      end += 4;
      if (!text) continue;
      bytes.set(text, end);
      end += text.length;
    }
    return bytes.subarray(0, end);
  };
}

const finite = (value: number): number => (value - value === 0 ? value : Number.NaN);

export type FeatureReader = (stored: StoredFeatures) => Record<string, FeatureValue>;

/** Reads what is stored, however it is stored. */
export function createFeatureReader(db: Database): FeatureReader {
  const find = db.prepare('SELECT features FROM feature_layout WHERE id = ?').pluck();
  const known = new Map<number, Unpacker>();

  function unpackerOf(id: number): Unpacker {
    let unpack = known.get(id);
    if (unpack) return unpack;
    const features = find.get(id) as string | undefined;
    if (features === undefined) throw new RangeError(`there is no layout ${id} of features`);
    unpack = createUnpacker(JSON.parse(features) as Layout);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(id, unpack);
    return unpack;
  }

  return (stored) => {
    if (typeof stored === 'string') return stored === '' ? {} : JSON.parse(stored);
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    return unpackerOf(view.getUint32(0, true))(stored, view);
  };
}

type Unpacker = (stored: Uint8Array, view: DataView) => Record<string, FeatureValue>;

const text = new TextDecoder('utf-8', { ignoreBOM: true });

function createUnpacker(layout: Layout): Unpacker {
  const count = (wanted: Kind) => layout.reduce((sum, [, kind]) => sum + Number(kind === wanted), 0);
  const firstFloat = HEAD_BYTES + 8 * count('f64');
  const firstBool = firstFloat + 4 * count('f32');
  const firstText = firstBool + count('bool');
  const number = (value: number): FeatureValue => (Number.isNaN(value) ? null : value);

  return (stored, view) => {
    const at = { f64: HEAD_BYTES, f32: firstFloat, bool: firstBool, text: firstText };
    const take = (kind: keyof typeof at, bytes: number): number => {
      at[kind] += bytes;
      return at[kind] - bytes;
    };
    const values: Readonly<Record<Kind, () => FeatureValue>> = {
      f64: () => number(view.getFloat64(take('f64', 8), true)),
      f32: () => number(view.getFloat32(take('f32', 4), true)),
      bool: () => {
        const value = view.getUint8(take('bool', 1));
        return value === BOOL_NULL ? null : value === 1;
      },
      text: () => {
        const length = view.getUint32(take('text', 4), true);
        if (length === NO_TEXT) return null;
        const from = take('text', length);
        return text.decode(stored.subarray(from, from + length));
      },
      json: () => {
        const json = values.text();
        return json === null ? null : (JSON.parse(json as string) as FeatureValue);
      },
    };
    return Object.fromEntries(layout.map(([name, kind]) => [name, values[kind]()]));
  };
}
