/** Every score of the chosen span, each by its own method, and the parts that the PSI is made of. */
import type { DriftScore, FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import { binLabels } from '../../charts/format.ts';
import { formatCount, formatFixed, formatPercent } from '../../lib/format.ts';
import { DRIFT, valueText } from '../../lib/series-words.ts';
import { Panel } from '../../ui/Panel.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Explain, psiTerms, type Term } from '../explain/index.tsx';
import { LevelBadge } from './level-badge.tsx';
import { scoreText } from './psi.ts';

export function ScoresPanel({ detail }: { detail: FeatureDetail }) {
  const { terms, sum } = psiTerms(detail.distribution, binLabels(detail.distribution));
  const largest = Math.max(1e-9, ...terms.map(({ term }) => term));
  return (
    <Panel title="Scores of this span" hint="a click on a number explains it" padded={false}>
      <Table
        label="Scores of this span"
        columns={scoreColumns(detail)}
        rows={detail.scores}
        rowKey={({ method }) => method}
        empty={<p className="p-3 text-ink-3">No score: the span has no rows.</p>}
      />
      {terms.length > 0 ? (
        <>
          <h3 className="num border-t border-line px-3 pt-2.5 pb-1 text-xs font-semibold text-ink-2">
            Where the PSI comes from{' '}
            <span className="font-normal text-ink-3">
              Σ (r − c) · ln(r / c) = {valueText(sum, 'score')} over {terms.length} bins
            </span>
          </h3>
          <ScrollRegion label="Parts of the PSI" className="max-h-[190px] -outline-offset-2">
            <Table
              label="Parts of the PSI"
              columns={termColumns(largest)}
              rows={terms}
              rowKey={({ label }) => label}
            />
          </ScrollRegion>
        </>
      ) : null}
    </Panel>
  );
}

const scoreColumns = (detail: FeatureDetail): Column<DriftScore>[] => [
  {
    id: 'method',
    header: 'Method',
    cell: ({ method }) => (
      <span className="inline-flex items-baseline gap-2">
        {DRIFT[method] ?? method}
        <code className="font-normal text-ink-3">{method}</code>
      </span>
    ),
  },
  {
    id: 'value',
    header: 'Score',
    align: 'right',
    cell: (score) => (
      <Explain
        {...score}
        referenceN={detail.referenceN}
        of={`${DRIFT[score.method] ?? score.method}: ${scoreText(score.value, score.method)}`}
      >
        {scoreText(score.value, score.method)}
      </Explain>
    ),
  },
  { id: 'level', header: 'Level', cell: (score) => <LevelBadge score={score} /> },
  { id: 'n', header: 'Rows', align: 'right', cell: ({ n }) => formatCount(n) },
];

const termColumns = (largest: number): Column<Term>[] => [
  { id: 'bin', header: 'Bin', cell: ({ label }) => <span className="num font-normal">{label}</span> },
  { id: 'r', header: 'reference r', align: 'right', cell: ({ reference }) => formatPercent(reference) },
  { id: 'c', header: 'span c', align: 'right', cell: ({ current }) => formatPercent(current) },
  {
    id: 'term',
    header: 'part',
    align: 'right',
    cell: ({ term }) => (
      <span className="flex items-center justify-end gap-2">
        <span aria-hidden="true" className="flex w-16 justify-end">
          <span
            className="h-1.5 rounded-full bg-accent/70"
            style={{ width: `${Math.max(0, (term / largest) * 100)}%` }}
          />
        </span>
        {formatFixed(term, 4)}
      </span>
    ),
  },
];
