/** One value beside the baseline's: what it is, what changed in it, by how much, and whether that is good. */
import { Fragment } from 'react';
import type { CompareRow } from '../../../src-main/contract/compare.ts';
import { middleOf } from '../../lib/text-diff.ts';
import { cx } from '../../ui/cx.ts';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { type Change, changeOf, fileOf, PATCH, textOf, type Value } from './compare-model.ts';

type CellProps = { row: CompareRow; value: Value; base: Value; isBase?: boolean };

export function CompareCell({ row, value, base, isBase = false }: CellProps) {
  const text = textOf(row, value);
  if (value === null) {
    const isMissing = !isBase && base !== null;
    return <span className="text-ink-3">{isMissing ? 'missing' : text}</span>;
  }
  if (row.section === 'run' && row.key === 'Status') return <RunStatus status={text} />;
  if (row.section === 'code' && row.key === PATCH) return <span className="text-accent">look at it</span>;
  const change = isBase ? null : changeOf(row, base, value);
  const isAlike = !isBase && base === value;
  const title = row.section === 'artifact' ? `${text}, SHA-256 ${fileOf(value).hash}…` : String(value);
  return (
    <span
      className={cx('num flex min-w-0 flex-col justify-center', isAlike && 'text-ink-3')}
      title={row.unit === null ? title : text}
    >
      <span className="truncate">
        {isBase || isAlike || base === null || change || row.unit !== null ? (
          text
        ) : (
          <Differing text={text} base={textOf(row, base)} />
        )}
        {!isBase && base === null ? <span className="text-2xs text-ink-3"> added</span> : null}
      </span>
      {change ? <ChangeLine change={change} /> : null}
      {row.section === 'artifact' && isAlike ? <span className="text-2xs">the same bytes</span> : null}
    </span>
  );
}

export function ChangeLine({ change: { text, verdict } }: { change: Change }) {
  return (
    <span
      className={cx(
        'truncate text-2xs leading-3.5',
        verdict === 'better' ? 'text-ok' : verdict === 'worse' ? 'text-bad' : 'text-ink-2',
      )}
    >
      {text}
      {verdict === null ? null : ` ${verdict}`}
    </span>
  );
}

/** Of what both begin with this much stays in sight, so that the change is not beyond the cell's edge. */
const LEAD = 12;

/** The part that differs from the baseline is marked, and brought into the cell. */
function Differing({ text, base }: { text: string; base: string }) {
  const { before, changed, after } = middleOf(text, base);
  const lead = before.length > LEAD + 4 ? `…${before.slice(-LEAD)}` : before;
  return (
    <Fragment>
      {lead}
      {changed === '' ? (
        <span className="text-2xs text-ink-3">[less]</span>
      ) : (
        <mark className="rounded-[2px] bg-warn-soft text-inherit underline decoration-warn decoration-1 underline-offset-2">
          {changed}
        </mark>
      )}
      {after}
    </Fragment>
  );
}
