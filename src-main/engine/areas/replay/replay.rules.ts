/** Pure parts of the replay: simulated time, the frontier that may be remembered, and a row as a request. */
import type { TensorSpec } from '../../../contract/common.ts';
import { LatheError } from '../../../contract/errors.ts';

/** Labels come this long after the flight has landed, as reports do. */
export const LABEL_LATENCY_MS = 2 * 3_600_000;
/** A file without arrival times gets its labels this long after the row's own time. */
const DEFAULT_ARRIVAL_MS = 4 * 3_600_000;
/** A file without usable times is paced as one row a minute. */
const EVEN_STEP_MS = 60_000;
const LABEL_COLUMNS = ['delayed', 'label'] as const;

/** How a file's columns are read. Null: the file has no such column. */
export type FileShape = {
  columns: string[];
  rows: number;
  /** Column with the time of each row, non-decreasing; without it rows come evenly. */
  time: 'scheduled_ms' | null;
  label: (typeof LABEL_COLUMNS)[number] | null;
};

export const labelColumn = (columns: readonly string[]): FileShape['label'] =>
  LABEL_COLUMNS.find((name) => columns.includes(name)) ?? null;

/** Throws LATHE_REPLAY_COLUMNS when a model input has no column of its name, or takes several values a row. */
export function checkColumns(
  file: string,
  endpoint: string,
  columns: readonly string[],
  inputs: readonly TensorSpec[],
): void {
  const missing = inputs.flatMap(({ name, shape }) => {
    const width = shape.slice(1).reduce((product, size) => product * Math.abs(size), 1);
    if (width > 1) return [`${name} (${width} values a row)`];
    return columns.includes(name) ? [] : [name];
  });
  if (missing.length > 0)
    throw new LatheError('LATHE_REPLAY_COLUMNS', { file, endpoint, missing: missing.join(', ') });
}

/** One row on its way: its simulated time, its request and, when known, its label and when that comes. */
export type ReplayRow = {
  atMs: number;
  id: string;
  /** Made when it is sent: thousands of rows wait in memory. */
  body(): string;
  label: { text: string; dueMs: number } | null;
};

export type RawRow = Record<string, unknown>;

/** Columns that a replay of these inputs reads, where the file has them. */
export const readColumns = (inputs: readonly TensorSpec[]): string[] => [
  ...new Set([
    ...inputs.map(({ name }) => name),
    'row_id',
    'flight_key',
    'scheduled_ms',
    'arrival_ms',
    ...LABEL_COLUMNS,
  ]),
];

/** The same row gives the same id in the same pass, so that sending it again after a crash changes nothing. */
export function replayRow(
  raw: RawRow,
  index: number,
  options: { pass: number; inputs: readonly TensorSpec[]; shape: FileShape; evenFromMs: number },
): ReplayRow {
  const { pass, inputs, shape, evenFromMs } = options;
  const atMs = shape.time === null ? evenFromMs + index * EVEN_STEP_MS : toNumber(raw[shape.time]);
  const id = `${toText(raw.row_id) ?? index}-${pass}`;
  const unit = toText(raw.flight_key);
  const body = () =>
    JSON.stringify({
      id,
      parameters: { lathe_event_ms: atMs, ...(unit === null ? {} : { lathe_unit: unit }) },
      inputs: inputs.map(({ name, datatype, shape: dimensions }) => ({
        name,
        shape: dimensions.map((size) => (size === -1 ? 1 : size)),
        datatype,
        data: [inputValue(raw[name], datatype)],
      })),
    });
  const truth = shape.label === null ? null : labelText(raw[shape.label]);
  if (truth === null) return { atMs, id, body, label: null };
  const arrival = raw.arrival_ms == null ? atMs + DEFAULT_ARRIVAL_MS : toNumber(raw.arrival_ms);
  return { atMs, id, body, label: { text: truth, dueMs: arrival + LABEL_LATENCY_MS } };
}

/** Where rows of an evenly paced file begin and end when the last is to fall on `endMs`. */
export const evenSpan = (rows: number, endMs: number): { fromMs: number; toMs: number } => {
  const toMs = Math.ceil(endMs / EVEN_STEP_MS) * EVEN_STEP_MS;
  return { fromMs: Math.max(0, toMs - rows * EVEN_STEP_MS), toMs };
};

export function toNumber(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return Number(value);
}

const toText = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

function inputValue(value: unknown, datatype: TensorSpec['datatype']): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (datatype === 'BYTES') return String(value);
  if (datatype === 'BOOL') return Boolean(value);
  const number = toNumber(value);
  return Number.isFinite(number) ? number : null;
}

function labelText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

/**
 * Simulated time runs `speed` times as fast as real time (both in ms), but never ahead of what was really
 * sent: a row that is due and cannot go holds the clock.
 */
export type Pace = {
  now(realMs: number): number;
  setSpeed(realMs: number, speed: number): void;
  /** Simulated time is not past `simMs`. */
  hold(realMs: number, simMs: number): void;
};

export function createPace(simMs: number, realMs: number, speed: number): Pace {
  let anchor = { simMs, realMs, speed };
  const now = (at: number) => anchor.simMs + Math.max(0, at - anchor.realMs) * anchor.speed;
  return {
    now,
    setSpeed(at, next) {
      anchor = { simMs: now(at), realMs: at, speed: next };
    },
    hold(at, limit) {
      if (now(at) > limit) anchor = { ...anchor, simMs: limit, realMs: at };
    },
  };
}

export type Position = { ms: number; sent: number; failed: number };

/**
 * Up to where everything is answered. Rows are answered out of order; what may be remembered is a time before
 * which every row is, with the counts up to there, so that going on from it counts nothing twice and leaves
 * nothing out. Rows of equal time are before it or after it together.
 */
export type Frontier = {
  /** A row is sent; call in time order. Returns the way to say how it ended. */
  open(atMs: number): (ok: boolean) => void;
  /** `nextMs`: time of the first row not sent yet, or the end. */
  position(nextMs: number): Position;
};

export function createFrontier(start: Position): Frontier {
  type Entry = { atMs: number; state: 'open' | 'ok' | 'failed' };
  let entries: Entry[] = [];
  let head = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let known = start;
  const counts = { sent: start.sent, failed: start.failed };

  const advance = () => {
    for (let entry = entries[head]; entry && entry.state !== 'open'; entry = entries[head]) {
      counts[entry.state === 'ok' ? 'sent' : 'failed'] += 1;
      lastMs = entry.atMs;
      head += 1;
      settle(entries[head]?.atMs);
    }
    if (head > 1024) {
      entries = entries.slice(head);
      head = 0;
    }
  };
  const settle = (boundaryMs: number | undefined) => {
    if (boundaryMs !== undefined && boundaryMs > lastMs && boundaryMs >= known.ms)
      known = { ms: boundaryMs, ...counts };
  };

  return {
    open(atMs) {
      const entry: Entry = { atMs, state: 'open' };
      entries.push(entry);
      return (ok) => {
        entry.state = ok ? 'ok' : 'failed';
        advance();
      };
    },
    position(nextMs) {
      if (head === entries.length) settle(nextMs);
      return known;
    },
  };
}
