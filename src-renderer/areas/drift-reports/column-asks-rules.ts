/** Columns that have a method or a limit of their own, while a report is asked for. Pure. */
import type { ExactMethod, ReportRequest } from '../../../src-main/contract/drift-reports.ts';

/** `id` tells it apart while its name is being typed. */
export type ColumnAskDraft = { id: number; column: string; method: ExactMethod | ''; threshold: string };

export const newAsk = (others: readonly Pick<ColumnAskDraft, 'id'>[]): ColumnAskDraft => ({
  id: others.reduce((last, { id }) => Math.max(last, id), 0) + 1,
  ...{ column: '', method: '', threshold: '' },
});

/** Null where one cannot be asked for; then there is a problem at its place. */
export function checkAsks(drafts: readonly ColumnAskDraft[]): {
  byColumn: NonNullable<ReportRequest['byColumn']> | null;
  problems: (string | null)[];
} {
  const names = drafts.map(({ column }) => column.trim());
  const problems = drafts.map(({ method, threshold }, at) => {
    const name = names[at] as string;
    if (name === '') return 'Enter the name of a column.';
    if (names.indexOf(name) < at) return `“${name}” is there already.`;
    if (threshold.trim() !== '' && !(numberIn(threshold) > 0)) return 'Enter a limit above 0.';
    return method === '' && threshold.trim() === '' ? 'Choose a method, or enter a limit.' : null;
  });
  if (problems.some((problem) => problem !== null)) return { byColumn: null, problems };
  const byColumn = Object.fromEntries(
    drafts.map(({ method, threshold }, at) => [
      names[at] as string,
      {
        ...(method === '' ? {} : { method }),
        ...(threshold.trim() === '' ? {} : { threshold: numberIn(threshold) }),
      },
    ]),
  );
  return { byColumn, problems };
}

const numberIn = (text: string): number => Number(text.trim().replace(',', '.'));
