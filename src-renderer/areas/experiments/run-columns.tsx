import { Star } from 'lucide-react';
import type { RunRow } from '../../../src-main/contract/experiments.ts';
import { formatDuration, formatFixed, NONE } from '../../lib/format.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import type { Column } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { RunStatus } from './run-status.tsx';
import { barShare, type MetricScale, scaleOf } from './runs-model.ts';

export type AvailableColumns = { metrics: string[]; varying: string[]; constant: string[] };

/** Name, metrics, parameters, times: what is chosen, each with a width, as a virtual table needs it. */
export function runColumns(
  rows: readonly RunRow[],
  available: AvailableColumns,
  chosen: ReadonlySet<string>,
): Column<RunRow>[] {
  const metrics = available.metrics.filter((key) => chosen.has(`m:${key}`));
  const params = [...available.varying, ...available.constant].filter((key) => chosen.has(`p:${key}`));
  return [
    {
      id: 'name',
      header: 'Run',
      width: '220px',
      sort: ({ name }) => name,
      cell: (run) => (
        <span className="inline-flex max-w-full items-center gap-2">
          <RunStatus status={run.status} hideLabel />
          <span className="truncate">{run.name}</span>
        </span>
      ),
    },
    ...metrics.map((key): Column<RunRow> => {
      const scale = scaleOf(rows, key);
      return {
        id: `m:${key}`,
        header: key,
        align: 'right',
        width: widthFor(key, 116),
        hint: hintOf(key),
        sort: (run) => run.metrics[key] ?? null,
        cell: (run) => <MetricCell value={run.metrics[key]} scale={scale} />,
      };
    }),
    {
      id: 'produced',
      header: 'Produced',
      width: '130px',
      cell: (run) => (
        <span className="text-ink-2">
          {run.produced.map(({ model, version }) => `${model} v${version}`).join(', ') || NONE}
        </span>
      ),
    },
    {
      id: 'duration',
      header: 'Duration',
      align: 'right',
      width: '96px',
      sort: durationOf,
      cell: (run) => (run.endedMs === null ? NONE : formatDuration(durationOf(run))),
    },
    {
      id: 'started',
      header: 'Started',
      align: 'right',
      width: '112px',
      sort: ({ startedMs }) => startedMs,
      cell: ({ startedMs }) => <TimeAgo ms={startedMs} />,
    },
    ...params.map(
      (key): Column<RunRow> => ({
        id: `p:${key}`,
        header: key,
        width: widthFor(key, 96),
        sort: (run) => asSortable(run.params[key]),
        cell: (run) => (
          <span className="num text-ink-2" title={run.params[key]}>
            {run.params[key] ?? NONE}
          </span>
        ),
      }),
    ),
  ];
}

/** Wide enough for the header, within reason. */
const widthFor = (header: string, least: number): string =>
  `${Math.min(210, Math.max(least, Math.round(header.length * 7 + 40)))}px`;

const durationOf = (run: RunRow): number | null =>
  run.endedMs === null ? null : run.endedMs - run.startedMs;

const hintOf = (key: string): string => {
  const direction = directionOf(key);
  return direction === null ? `Last value of ${key}` : `Last value of ${key}; ${direction} is better`;
};

/** Numbers sort as numbers, words as words. */
function asSortable(value: string | undefined): number | string | null {
  if (value === undefined) return null;
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number) ? number : value;
}

function MetricCell({ value, scale }: { value: number | undefined; scale: MetricScale | null }) {
  if (value === undefined || !scale) return <span className="text-ink-3">{NONE}</span>;
  const best = scale.best === value;
  return (
    <span className="relative flex h-full items-center justify-end gap-1">
      <span
        aria-hidden="true"
        className={`absolute bottom-0.5 left-0 h-[3px] rounded-full ${best ? 'bg-accent' : 'bg-ink-3/35'}`}
        style={{ width: `${barShare(value, scale) * 100}%` }}
      />
      {best ? (
        <>
          <Star size={11} aria-hidden="true" className="fill-current text-accent" />
          <span className="sr-only">best:</span>
        </>
      ) : null}
      <span className={best ? 'font-semibold' : ''}>
        {Number.isNaN(value) ? 'NaN' : formatFixed(value, decimalsOf(scale))}
      </span>
    </span>
  );
}

/** Four significant digits of the largest value, the same for a whole column so that figures line up. */
function decimalsOf({ low, high }: MetricScale): number {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return largest === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}
