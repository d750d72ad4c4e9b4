/** The stability index taken apart: what each bin adds to it, largest first. */
import { binLabels } from '../../charts/format.ts';
import { formatFixed, formatPercent } from '../../lib/format.ts';
import { psiTerms } from './psi-terms.ts';

export type ExplainedBin = {
  label: string;
  lower: number | null;
  upper: number | null;
  reference: number;
  current: number;
};

const SHOWN = 6;

export function BinTerms({ bins }: { bins: readonly ExplainedBin[] }) {
  const { terms, sum } = psiTerms(bins, binLabels(bins));
  const shown = terms.slice(0, SHOWN);
  const rest = terms.slice(SHOWN).reduce((total, { term }) => total + term, 0);
  return (
    <table className="w-full">
      <caption className="pb-1 text-left font-medium text-ink">
        Its parts: Σ = {formatFixed(sum, 3)} over {terms.length} bins
      </caption>
      <thead className="text-ink-3">
        <tr>
          <th scope="col" className="py-0.5 text-left font-medium">
            Bin
          </th>
          <th scope="col" className="py-0.5 text-right font-medium">
            r
          </th>
          <th scope="col" className="py-0.5 text-right font-medium">
            c
          </th>
          <th scope="col" className="py-0.5 text-right font-medium">
            Part
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ label, reference, current, term }) => (
          <tr key={label} className="border-t border-line">
            <th scope="row" className="max-w-40 truncate py-0.5 text-left font-normal">
              {label}
            </th>
            <td className="py-0.5 text-right">{formatPercent(reference)}</td>
            <td className="py-0.5 text-right">{formatPercent(current)}</td>
            <td className="py-0.5 text-right">{formatFixed(term, 3)}</td>
          </tr>
        ))}
        {terms.length > SHOWN ? (
          <tr className="border-t border-line text-ink-3">
            <th scope="row" colSpan={3} className="py-0.5 text-left font-normal">
              {terms.length - SHOWN} more bins
            </th>
            <td className="py-0.5 text-right">{formatFixed(rest, 3)}</td>
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}
