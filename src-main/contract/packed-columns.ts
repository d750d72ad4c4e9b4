/**
 * Columns of float64 as one blob, without loss. Each column takes the smallest of four forms: evenly spaced (no bytes
 * at all: most steps are), whole numbers near each other (4 bytes: timestamps), numbers that a float32 holds (4: what
 * a framework computed in single precision), float64. Little-endian, every part at a multiple of 8 bytes.
 */

const EVEN = 0;
const OFFSET = 1;
const SINGLE = 2;
const DOUBLE = 3;
const WIDTHS = [0, 4, 4, 8] as const;
/** float64 words: how many rows; then for each column its form, its first number and its spacing. */
const HEADER = 1;
const COLUMN = 3;
const MOST_OFFSET = 2 ** 32 - 1;

type Form = { kind: 0 | 1 | 2 | 3; base: number; spacing: number };

/** All columns are equally long. */
export function pack(columns: readonly Float64Array[]): Uint8Array<ArrayBuffer> {
  const rows = columns[0]?.length ?? 0;
  const forms = columns.map(formOf);
  const starts = startsOf(forms, rows);
  const bytes = new Uint8Array(starts.at(-1) as number);
  writeHeader(bytes, forms, rows);
  for (const [at, column] of columns.entries()) {
    const { kind, base } = forms[at] as Form;
    const start = starts[at] as number;
    if (kind === DOUBLE) new Float64Array(bytes.buffer, start, rows).set(column);
    else if (kind === SINGLE) new Float32Array(bytes.buffer, start, rows).set(column);
    else if (kind === OFFSET) {
      const offsets = new Uint32Array(bytes.buffer, start, rows);
      for (let row = 0; row < rows; row++) offsets[row] = (column[row] as number) - base;
    }
  }
  return bytes;
}

function writeHeader(bytes: Uint8Array<ArrayBuffer>, forms: readonly Form[], rows: number): void {
  const words = new Float64Array(bytes.buffer, 0, HEADER + COLUMN * forms.length);
  words[0] = rows;
  for (const [at, { kind, base, spacing }] of forms.entries())
    words.set([kind, base, spacing], HEADER + COLUMN * at);
}

/** Column `at` of `of`. May be a view of `bytes`: not to be written to. */
export function unpack(bytes: Uint8Array, at: number, of: number): Float64Array {
  const aligned = alignedBytes(bytes);
  const { forms, rows } = formsIn(aligned, of);
  return columnAt(aligned, forms[at] as Form, startsOf(forms, rows)[at] as number, rows);
}

/** Every column, and how many of the bytes they take: others may follow. See `unpack`. */
export function unpackAll(bytes: Uint8Array, of: number): { columns: Float64Array[]; length: number } {
  const aligned = alignedBytes(bytes);
  const { forms, rows } = formsIn(aligned, of);
  const starts = startsOf(forms, rows);
  return {
    columns: forms.map((form, at) => columnAt(aligned, form, starts[at] as number, rows)),
    length: starts.at(-1) as number,
  };
}

/** Some of the columns as a blob of their own, without looking at the numbers in them. */
export function pick(bytes: Uint8Array, columns: readonly number[], of: number): Uint8Array<ArrayBuffer> {
  const aligned = alignedBytes(bytes);
  const { forms, rows } = formsIn(aligned, of);
  const from = startsOf(forms, rows);
  const picked = columns.map((at) => forms[at] as Form);
  const starts = startsOf(picked, rows);
  const found = new Uint8Array(starts.at(-1) as number);
  writeHeader(found, picked, rows);
  for (const [to, at] of columns.entries())
    found.set(aligned.subarray(from[at], from[at + 1]), starts[to] as number);
  return found;
}

const alignedBytes = (bytes: Uint8Array) => (bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());

function formsIn(bytes: Uint8Array, of: number): { forms: Form[]; rows: number } {
  const words = new Float64Array(bytes.buffer, bytes.byteOffset, HEADER + COLUMN * of);
  const forms: Form[] = [];
  for (let word = HEADER; word < words.length; word += COLUMN)
    forms.push({
      kind: words[word] as Form['kind'],
      base: words[word + 1] as number,
      spacing: words[word + 2] as number,
    });
  return { forms, rows: words[0] as number };
}

function columnAt(
  bytes: Uint8Array,
  { kind, base, spacing }: Form,
  start: number,
  rows: number,
): Float64Array {
  const from = bytes.byteOffset + start;
  if (kind === DOUBLE) return new Float64Array(bytes.buffer, from, rows);
  if (kind === SINGLE) return Float64Array.from(new Float32Array(bytes.buffer, from, rows));
  const column = new Float64Array(rows);
  if (kind === EVEN) for (let row = 0; row < rows; row++) column[row] = base + row * spacing;
  else {
    const offsets = new Uint32Array(bytes.buffer, from, rows);
    for (let row = 0; row < rows; row++) column[row] = base + (offsets[row] as number);
  }
  return column;
}

/** Where each column begins, and one past the last. */
function startsOf(forms: readonly Form[], rows: number): number[] {
  const starts = [(HEADER + COLUMN * forms.length) * 8];
  for (const { kind } of forms)
    starts.push((starts.at(-1) as number) + Math.ceil((rows * WIDTHS[kind]) / 8) * 8);
  return starts;
}

function formOf(column: Float64Array): Form {
  const first = column[0] ?? 0;
  const spacing = column.length > 1 ? (column[1] as number) - first : 0;
  let even = 0;
  while (even < column.length && Object.is(column[even], first + even * spacing)) even++;
  if (even === column.length) return { kind: EVEN, base: first, spacing };
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let whole = true;
  let single = true;
  for (const value of column) {
    whole &&= Number.isSafeInteger(value) && !Object.is(value, -0);
    single &&= Object.is(Math.fround(value), value);
    if (!whole && !single) return { kind: DOUBLE, base: 0, spacing: 0 };
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (whole && high - low <= MOST_OFFSET) return { kind: OFFSET, base: low, spacing: 0 };
  return { kind: single ? SINGLE : DOUBLE, base: 0, spacing: 0 };
}
