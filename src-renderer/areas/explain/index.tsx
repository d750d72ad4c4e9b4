/** "Explain this number", usable on any score: a button that says how the number comes about and what it cannot tell. */
import type { ReactNode } from 'react';
import { type MethodId, MONITORING_METHODS } from '../../../src-main/contract/monitoring-methods.ts';
import type { DriftLevel } from '../../../src-main/contract/monitoring-series.ts';
import { formatCount, formatNumber } from '../../lib/format.ts';
import { LEVELS } from '../../lib/series-words.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { BinTerms, type ExplainedBin } from './bin-terms.tsx';

export { BinTerms } from './bin-terms.tsx';
export { psiTerms, type Term } from './psi-terms.ts';

type ExplainProps = {
  /** Id with version, as the number carries it. */
  method: string;
  value: number | null;
  /** Rows that the number stands on, the reference's, and how many a level needs. */
  n?: number | null;
  /** What is counted, where that is not rows. */
  counts?: 'windows' | 'values';
  referenceN?: number | null;
  minN?: number;
  level?: DriftLevel | null;
  low?: number | null;
  high?: number | null;
  /** From where on it counts here, in a sentence, where that is not the method's own: a rule's, a report's, the reference's share. */
  inForce?: string | null;
  /** Read only once it is opened: the bins of a number in a table. */
  more?: ReactNode;
  /** Of the stability index: its parts by bin. */
  bins?: readonly ExplainedBin[] | undefined;
  /** Over which rows, where it is not the method's window. */
  over?: string | undefined;
  /** What is measured, for screen readers: "PSI of temp". */
  of?: string;
  /** The number as it is written. */
  children: ReactNode;
};

const isMethod = (method: string): method is MethodId => Object.hasOwn(MONITORING_METHODS, method);

export function Explain(props: ExplainProps) {
  const { method, of, children } = props;
  // A report may be older or newer than this page and carry a method that it does not know.
  if (!isMethod(method)) return <>{children}</>;
  const { title } = MONITORING_METHODS[method];
  return (
    <Popover
      label={`How ${title} comes about`}
      width="lg"
      align="start"
      trigger={
        <button
          type="button"
          aria-label={of ? `Explain ${of}` : undefined}
          title="Explain this number"
          className="cursor-help rounded-xs [font:inherit] tracking-[inherit] decoration-ink-3 decoration-dotted underline-offset-[3px] hover:underline focus-visible:underline data-[state=open]:underline"
        >
          {children}
        </button>
      }
    >
      <Explanation {...props} method={method} />
    </Popover>
  );
}

function Explanation(props: ExplainProps & { method: MethodId }) {
  const {
    method,
    value,
    n,
    counts = 'rows',
    minN,
    referenceN,
    level,
    low,
    high,
    bins,
    inForce,
    more,
  } = props;
  const { title, formula, threshold, limits, source, ...usual } = MONITORING_METHODS[method];
  const { over = usual.over } = props;
  const rows = [
    n == null ? null : `${formatCount(n)} ${counts}`,
    referenceN == null ? null : `${formatCount(referenceN)} of the reference`,
    minN === undefined || minN === 0 ? null : `at least ${formatCount(minN)} are needed`,
  ].filter((part) => part !== null);
  return (
    <div className="num flex flex-col gap-2.5 text-left text-xs font-normal whitespace-normal text-ink-2">
      <div>
        <p className="flex items-baseline gap-2 text-sm font-semibold text-ink">
          <span className="min-w-0 flex-1">{title}</span>
          {formatNumber(value)}
          {level ? <Badge tone={LEVELS[level].tone}>{LEVELS[level].word}</Badge> : null}
        </p>
        <code className="text-ink-3">{method}</code>
      </div>
      <p className="rounded-sm bg-inset px-2.5 py-2 font-mono leading-5 text-ink">{formula}</p>
      <dl className="flex flex-col gap-2">
        {rows.length > 0 ? (
          <Fact name={counts === 'rows' ? 'Rows' : counts === 'windows' ? 'Windows' : 'Values'}>
            {rows.join(', ')}.
          </Fact>
        ) : null}
        {low != null && high != null ? (
          <Fact name="95 % interval">
            {formatNumber(low)} to {formatNumber(high)}
          </Fact>
        ) : null}
        <Fact name="Over what">{over}</Fact>
        <Fact name="Thresholds">
          {inForce ? <span className="block font-medium text-ink">{inForce}</span> : null}
          {threshold}
        </Fact>
        {limits.length > 0 ? (
          <Fact name="What it cannot tell">
            <ul className="list-disc pl-3.5">
              {limits.map((limit) => (
                <li key={limit}>{limit}</li>
              ))}
            </ul>
          </Fact>
        ) : null}
        <Fact name="Source">{source}</Fact>
      </dl>
      {bins && bins.length > 0 ? <BinTerms bins={bins} /> : null}
      {more}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="font-medium text-ink">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
