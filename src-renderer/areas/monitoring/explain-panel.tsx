/** "Explain this number": the formula, each bin's part in it, the rows behind it, the limits and where they come from. */
import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import { binLabels } from '../../charts/format.ts';
import { formatCount, formatFixed, formatNumber, formatPercent } from '../../lib/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { LARGE, MODERATE, psiTerms, type Term } from './psi.ts';

export function ExplainPanel({ detail }: { detail: FeatureDetail }) {
  const window = detail.windows.find(({ windowMs }) => windowMs === detail.selectedWindowMs);
  const { terms, sum } = psiTerms(detail.distribution, binLabels(detail.distribution));
  const largest = Math.max(1e-9, ...terms.map(({ term }) => term));
  const columns: Column<Term>[] = [
    { id: 'bin', header: 'Bin', cell: ({ label }) => <span className="num font-normal">{label}</span> },
    { id: 'r', header: 'training r', align: 'right', cell: ({ reference }) => formatPercent(reference) },
    { id: 'c', header: 'window c', align: 'right', cell: ({ current }) => formatPercent(current) },
    {
      id: 'term',
      header: '(r − c) · ln(r / c)',
      align: 'right',
      cell: ({ term }) => (
        <span className="flex items-center justify-end gap-2">
          <span aria-hidden="true" className="flex w-16 justify-end">
            <span
              className="h-1.5 rounded-full bg-accent/70"
              style={{ width: `${(term / largest) * 100}%` }}
            />
          </span>
          {formatFixed(term, 4)}
        </span>
      ),
    },
  ];
  return (
    <Panel title="Explain this number" hint={window?.score.method} padded={false}>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        aria-label="Parts of the score"
        className="max-h-[232px] overflow-auto -outline-offset-2"
      >
        <Table label="Parts of the score" columns={columns} rows={terms} rowKey={({ label }) => label} />
      </section>
      <div className="num flex flex-col gap-1 border-t border-line px-3 py-2.5 text-xs text-ink-2">
        <p>
          <b className="font-semibold text-ink">PSI = Σ (r − c) · ln(r / c) = {formatNumber(sum, 4)}</b> over{' '}
          {terms.length} bins, {window ? formatCount(window.score.n) : 'no'} rows of the seven days that end
          with the window against {formatCount(detail.referenceN)} training rows.
        </p>
        <p>
          Bins come from the training data alone and never move, so all windows are on one scale; a share
          below 0.01 % counts as 0.01 %. A week, because in a single day every feature with a calendar in it
          looks drifted.
        </p>
        <p>
          Below {MODERATE} stable, from {LARGE} large: the usual convention (Siddiqi, Credit Risk Scorecards,
          2006).
          {window
            ? ` Below ${formatCount(window.score.minN)} rows chance alone reaches ${MODERATE}, so no level is given.`
            : ''}
        </p>
      </div>
    </Panel>
  );
}
