/** Items of feedback in a file: a JSON object a line, or CSV with a header. Pure. */
import { Feedback } from '../contract/ab-tests.ts';

export type Item = Feedback;

/** Throws with what is wrong with it. */
export function jsonItem(line: string): Item {
  return checked(JSON.parse(line) as unknown);
}

const NUMBERS: readonly string[] = ['row', 'reward', 'atMs', 'withinMs'];
const TEXTS: readonly string[] = ['requestId', 'predictionId', 'entity', 'endpoint', 'label'];

/** Empty cells are left out. */
export function csvItem(header: readonly string[], cells: readonly string[]): Item {
  if (cells.length !== header.length)
    throw new Error(`it has ${cells.length} cells where the header has ${header.length}`);
  const item: Record<string, string | number> = {};
  for (const [at, name] of header.entries()) {
    const cell = cells[at] as string;
    if (![...NUMBERS, ...TEXTS].includes(name))
      throw new Error(`there is no column ${name}; known are ${[...TEXTS, ...NUMBERS].join(', ')}`);
    if (cell === '') continue;
    item[name] = NUMBERS.includes(name) ? Number(cell) : cell;
  }
  return checked(item);
}

/** One line of CSV (RFC 4180), without line breaks inside quotes. */
export function csvRow(line: string): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let cell = '';
      at += 1;
      for (;;) {
        const end = line.indexOf('"', at);
        if (end < 0) throw new Error('a quote is not closed');
        cell += line.slice(at, end);
        at = end + 1;
        if (line[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      if (at < line.length && line[at] !== ',') throw new Error('there is text after a closing quote');
      cells.push(cell);
    } else {
      const end = line.indexOf(',', at);
      const stop = end < 0 ? line.length : end;
      cells.push(line.slice(at, stop).trim());
      at = stop;
    }
    if (at >= line.length) return cells;
    at += 1;
  }
}

function checked(value: unknown): Item {
  const parsed = Feedback.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the item'}: ${issue?.message ?? 'not an item of feedback'}`);
}
