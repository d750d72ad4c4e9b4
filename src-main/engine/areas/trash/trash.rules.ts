/** Pure parts of the trash: words, ids of what was deleted together, undo windows. */
import type { TrashKind } from '../../../contract/trash.ts';

const DAY_MS = 86_400_000;

/** Row ids of what is chosen, by kind. */
export type Chosen = Record<TrashKind, number[]>;

export const nothingChosen = (): Chosen => ({
  experiment: [],
  run: [],
  model: [],
  version: [],
  'logged-model': [],
  artifact: [],
});

export const KINDS = Object.keys(nothingChosen()) as TrashKind[];

export const countOf = (chosen: Chosen): number => KINDS.reduce((sum, kind) => sum + chosen[kind].length, 0);

const WORDS: Record<TrashKind, [one: string, many: string]> = {
  experiment: ['experiment', 'experiments'],
  run: ['run', 'runs'],
  model: ['model', 'models'],
  version: ['model version', 'model versions'],
  'logged-model': ['logged model', 'logged models'],
  artifact: ['file', 'files'],
};

/** `12 runs, 1 model` */
export function wordsOf(chosen: Chosen): string {
  const parts = KINDS.flatMap((kind) => {
    const n = chosen[kind].length;
    return n === 0 ? [] : [`${n.toLocaleString('en')} ${WORDS[kind][n === 1 ? 0 : 1]}`];
  });
  return parts.join(', ') || 'nothing';
}

export type UndoWindows = { keepDays: number; keepFilesDays: number };

/** Things deleted before these moments have had their time. */
export const undoLimits = (nowMs: number, { keepDays, keepFilesDays }: UndoWindows) => ({
  before: nowMs - keepDays * DAY_MS,
  filesBefore: nowMs - keepFilesDays * DAY_MS,
});

export const expiryOf = (
  kind: TrashKind,
  deletedMs: number,
  { keepDays, keepFilesDays }: UndoWindows,
): number => deletedMs + (kind === 'artifact' ? keepFilesDays : keepDays) * DAY_MS;

/** What files that were deleted together are called: the one path, or the folder that holds them all. */
export function sharedPath(first: string, last: string): string {
  if (first === last) return first;
  const [a, b] = [first.split('/'), last.split('/')];
  const shared = a.findIndex((part, at) => part !== b[at]);
  return a.slice(0, Math.max(1, shared)).join('/');
}

/** `1/<run>/artifacts/model/MLmodel` as the run and `model/MLmodel`; other paths have no owner. */
export function ownerOfPath(path: string): { run: string | null; rest: string } {
  const [, run = null, rest = path] = /^[^/]+\/([0-9a-f-]{32,36})\/artifacts\/?(.*)$/.exec(path) ?? [];
  return { run, rest: rest === '' ? 'artifacts' : rest };
}

/**
 * How many rows the next slice should take so that it lasts about 4 ms: never more than twice as many as the last
 * one, which took `rows` rows and `tookMs`.
 */
export function nextSlice(rows: number, tookMs: number, limits: { least: number; most: number }): number {
  const factor = Math.min(2, Math.max(0.25, 4 / Math.max(tookMs, 0.1)));
  return Math.round(Math.min(limits.most, Math.max(limits.least, rows * factor)));
}
