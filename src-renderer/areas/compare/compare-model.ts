/** What stands under each other in a comparison, what a cell says, and how it differs from the baseline. Pure. */
import type {
  ComparedRun,
  CompareRow,
  CompareSection,
  Comparison,
} from '../../../src-main/contract/compare.ts';
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
  NONE,
  plural,
} from '../../lib/format.ts';
import { directionOf } from '../../lib/metric-direction.ts';

export const SECTIONS: readonly { id: CompareSection; title: string }[] = [
  { id: 'run', title: 'Run' },
  { id: 'param', title: 'Parameters' },
  { id: 'metric', title: 'Metrics' },
  { id: 'tag', title: 'Tags' },
  { id: 'dataset', title: 'Datasets' },
  { id: 'code', title: 'Code' },
  { id: 'environment', title: 'Environment' },
  { id: 'package', title: 'Packages' },
  { id: 'artifact', title: 'Files' },
];

/** The row that stands for the patches; it is not one of the engine's. */
export const PATCH = 'Patch';

export type Value = string | number | null;
export type Item =
  | {
      kind: 'section';
      section: CompareSection;
      title: string;
      rows: number;
      alike: number;
      cut: number;
      /** What must be known to read the section right; '' when there is nothing. */
      note: string;
      folded: boolean;
    }
  | { kind: 'group'; id: string; title: string; rows: number }
  | { kind: 'row'; row: CompareRow };

const parsed = new WeakMap<CompareRow, Value[]>();

/** One for each run; read from their text when the row is first drawn. */
export function valuesOf(row: CompareRow, runs: number): Value[] {
  const known = parsed.get(row);
  if (known?.length === runs) return known;
  const values = new Array<Value>(runs).fill(null);
  for (const [at, value] of Object.entries(JSON.parse(row.cells) as Record<string, Value>))
    values[Number(at)] = value;
  parsed.set(row, values);
  return values;
}

export const rowId = ({ section, key }: Pick<CompareRow, 'section' | 'key'>): string => `${section}:${key}`;

/** The rows that `filter` finds by name or value, section by section; the first run is the baseline. */
export function itemsOf(
  comparison: Comparison,
  { filter, folded, all }: { filter: string; folded: ReadonlySet<string>; all: boolean },
): Item[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (row: CompareRow) => {
    const text = `${row.key}\n${row.cells}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const bySection = new Map<CompareSection, CompareRow[]>();
  for (const row of [...comparison.rows, ...patchRow(comparison.runs)]) {
    if (words.length > 0 && !matches(row)) continue;
    const rows = bySection.get(row.section);
    if (rows) rows.push(row);
    else bySection.set(row.section, [row]);
  }
  return SECTIONS.flatMap(({ id, title }) => {
    const rows = bySection.get(id) ?? [];
    const alike = all ? 0 : (comparison.alike[id] ?? 0);
    if (rows.length === 0 && (words.length > 0 || alike === 0)) return [];
    const isFolded = folded.has(id);
    const head: Item = {
      ...{ kind: 'section', section: id, title, rows: rows.length, alike, folded: isFolded },
      cut: comparison.cut[id] ?? 0,
      note: noteOf(id, comparison.runs),
    };
    if (isFolded) return [head];
    return [head, ...(id === 'package' ? grouped(rows, comparison.runs.length) : rows.map(asItem))];
  });
}

function noteOf(section: CompareSection, runs: readonly ComparedRun[]): string {
  if (section === 'artifact') {
    const cut = runs.filter(({ filesCut }) => filesCut).length;
    return cut === 0
      ? ''
      : `${plural(cut, 'run')} ${cut === 1 ? 'has' : 'have'} more files than are compared`;
  }
  if (section !== 'package') return '';
  const of = (kind: ComparedRun['packages']) => runs.filter(({ packages }) => packages === kind).length;
  const [model, none] = [of('model'), of('none')];
  return [
    ...(model === 0 ? [] : [`of ${plural(model, 'run')} only what the model asks for is known`]),
    ...(none === 0 || none === runs.length ? [] : [`of ${plural(none, 'run')} nothing is known`]),
  ].join(', ');
}

const asItem = (row: CompareRow): Item => ({ kind: 'row', row });

function patchRow(runs: readonly ComparedRun[]): CompareRow[] {
  const cells = Object.fromEntries(runs.flatMap(({ patch }, at) => (patch === null ? [] : [[at, 'patch']])));
  if (Object.keys(cells).length === 0) return [];
  return [{ section: 'code', key: PATCH, unit: null, cells: JSON.stringify(cells), differs: true }];
}

const CHANGES = ['Changed', 'Added', 'Removed', 'Alike'] as const;

/** Packages by what became of them since the baseline: one that only some runs lack was removed in those. */
function grouped(rows: readonly CompareRow[], runs: number): Item[] {
  const groups = new Map<(typeof CHANGES)[number], CompareRow[]>();
  for (const row of rows) {
    const [base = null, ...others] = valuesOf(row, runs);
    const change = !row.differs
      ? 'Alike'
      : base === null
        ? 'Added'
        : others.some((value) => value !== null && value !== base)
          ? 'Changed'
          : 'Removed';
    groups.set(change, [...(groups.get(change) ?? []), row]);
  }
  return CHANGES.flatMap((title): Item[] => {
    const found = groups.get(title) ?? [];
    if (found.length === 0) return [];
    return [{ kind: 'group', id: `package-${title}`, title, rows: found.length }, ...found.map(asItem)];
  });
}

/** Rows in which a cell has a second line. */
export const isTall = ({ section, unit }: CompareRow): boolean =>
  section === 'metric' || section === 'param' || section === 'artifact' || unit === 'duration';

/** What a cell says, the whole of it. */
export function textOf(row: CompareRow, value: Value): string {
  if (value === null || value === '') return NONE;
  if (row.unit === 'duration') return formatDuration(Number(value));
  if (row.unit === 'time') return formatDateTime(Number(value));
  if (row.section === 'metric') return typeof value === 'number' ? formatNumber(value, 6) : String(value);
  if (row.section === 'artifact') return formatBytes(fileOf(value).size);
  if (row.section === 'dataset') return String(value).replace(/\b(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…');
  return String(value);
}

/** A file's cell: the beginning of its hash, and its size. */
export function fileOf(value: Value): { hash: string; size: number } {
  const [hash = '', size = '0'] = String(value ?? '').split(' ');
  return { hash, size: Number(size) };
}

export type Change = {
  /** "+0.0031 (+0.6 %)" */
  text: string;
  verdict: 'better' | 'worse' | null;
};

/** How a value differs from the baseline's; null where they are alike, one is missing, or it is no quantity. */
export function changeOf(row: CompareRow, base: Value, value: Value): Change | null {
  if (base === null || value === null || base === value) return null;
  if (row.section === 'artifact') {
    const [a, b] = [fileOf(base), fileOf(value)];
    if (a.hash === b.hash) return null;
    if (a.size === b.size) return { text: 'other bytes', verdict: null };
    return { text: `${signOf(b.size - a.size)}${formatBytes(Math.abs(b.size - a.size))}`, verdict: null };
  }
  if (row.unit === 'time' || !(isQuantity(row, base) && isQuantity(row, value))) return null;
  const [from, to] = [Number(base), Number(value)];
  const by = to - from;
  if (by === 0) return null;
  const size = row.unit === 'duration' ? formatDuration(Math.abs(by)) : significant(Math.abs(by));
  const share = from === 0 ? '' : ` (${signOf(by)}${formatPercent(Math.abs(by / from))})`;
  return {
    text: `${signOf(by)}${size}${share}`,
    verdict: row.section === 'metric' ? verdictOf(row.key, by) : null,
  };
}

/** Three digits that say something, however small it is. */
const significant = (size: number): string =>
  formatNumber(size, size < 1 ? Math.min(12, 2 - Math.floor(Math.log10(size))) : 4);

const signOf = (by: number): string => (by < 0 ? '−' : '+');

function isQuantity({ section, unit }: CompareRow, value: string | number): boolean {
  if (section !== 'metric' && section !== 'param' && unit !== 'duration') return false;
  return typeof value === 'number'
    ? Number.isFinite(value)
    : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim());
}

function verdictOf(metric: string, by: number): Change['verdict'] {
  const direction = directionOf(metric);
  if (direction === null) return null;
  return by > 0 === (direction === 'higher') ? 'better' : 'worse';
}

/** Everything shown as lines of cells: for a spreadsheet, or for Markdown. */
export function tableOf(items: readonly Item[], runs: readonly ComparedRun[]): (string | number | null)[][] {
  const titles = new Map(SECTIONS.map(({ id, title }) => [id, title]));
  return [
    ['Section', 'Name', ...runs.map(({ name }) => name)],
    ...items.flatMap((item) =>
      item.kind === 'row'
        ? [
            [
              titles.get(item.row.section) ?? '',
              item.row.key,
              ...valuesOf(item.row, runs.length).map(raw(item.row)),
            ],
          ]
        : [],
    ),
  ];
}

const raw =
  (row: CompareRow) =>
  (value: Value): Value =>
    value !== null && row.unit === 'time' ? new Date(Number(value)).toISOString() : value;

export function markdownOf(table: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null) =>
    String(value ?? '')
      .replace(/[\\|<>*_`[\]]/g, '\\$&')
      .replace(/\r?\n/g, ' ');
  const [header = [], ...rows] = table;
  const line = (row: readonly (string | number | null)[]) => `| ${row.map(cell).join(' | ')} |\n`;
  return [line(header), `|${header.map(() => ' --- |').join('')}\n`, ...rows.map(line)].join('');
}
