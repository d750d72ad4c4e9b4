/** One row of a comparison, closely: whole values with what differs in them, two files, or two patches. */
import { Maximize2, Minimize2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ComparedRun, CompareRow, Comparison } from '../../../src-main/contract/compare.ts';
import { IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { Panel } from '../../ui/Panel.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { ChangedText } from '../../ui/TextLines.tsx';
import { ChangeLine } from './compare-cell.tsx';
import { changeOf, PATCH, rowId, SECTIONS, textOf, type Value, valuesOf } from './compare-model.ts';
import type { CompareState } from './compare-url.ts';
import { FileComparison, type RunWithFile } from './file-comparison.tsx';
import { PatchComparison } from './patch-comparison.tsx';
import { RunName } from './run-name.tsx';

type RowDetailProps = { state: CompareState; data: Comparison; onClose(): void };

export function RowDetail({ state, data, onClose }: RowDetailProps) {
  const [isLarge, setLarge] = useState(false);
  const { runs } = data;
  if (state.row === null || runs.length === 0) return null;
  const isPatch = state.row === rowId({ section: 'code', key: PATCH });
  const row = data.rows.find((one) => rowId(one) === state.row);
  if (!row && !isPatch) return null;
  const section = SECTIONS.find(({ id }) => id === (row?.section ?? 'code'))?.title ?? '';
  return (
    <div className={cx('min-h-36 shrink-0', isLarge ? 'h-[78%]' : 'h-[42%]')}>
      <Panel
        title={row ? row.key : PATCH}
        hint={section}
        padded={false}
        fill
        actions={
          <>
            <IconButton
              icon={isLarge ? Minimize2 : Maximize2}
              label={isLarge ? 'Make it smaller' : 'Make it larger'}
              size="sm"
              onClick={() => setLarge(!isLarge)}
            />
            <IconButton icon={X} label="Close" size="sm" onClick={onClose} />
          </>
        }
      >
        {isPatch ? (
          <PatchComparison key={state.run} runs={runs} run={state.run} />
        ) : row?.section === 'artifact' ? (
          <FileComparison
            key={`${row.key}\n${state.run}`}
            path={row.key}
            runs={withFile(runs, valuesOf(row, runs.length))}
            run={state.run}
          />
        ) : row ? (
          <WholeValues row={row} runs={runs} />
        ) : null}
      </Panel>
    </div>
  );
}

const withFile = (runs: readonly ComparedRun[], values: readonly Value[]): RunWithFile[] =>
  runs.flatMap((run, at) => (values[at] == null ? [] : [{ run, at, cell: String(values[at]) }]));

function WholeValues({ row, runs }: { row: CompareRow; runs: readonly ComparedRun[] }) {
  const values = valuesOf(row, runs.length);
  const [base = null] = values;
  return (
    <ScrollRegion label={`${row.key} in full`} className="h-full focus-visible:-outline-offset-2">
      <table aria-label={row.key} className="w-full border-separate border-spacing-0 text-left">
        <tbody>
          {runs.map((run, at) => {
            const value = values[at] ?? null;
            const change = at === 0 ? null : changeOf(row, base, value);
            return (
              <tr key={run.id}>
                <th scope="row" className="w-56 border-b border-line px-3 py-1.5 align-top font-normal">
                  <RunName run={run} at={at} />
                </th>
                <td className="num border-b border-line px-3 py-1.5 break-words whitespace-pre-wrap">
                  <WholeValue row={row} value={value} base={at === 0 ? null : base} />
                  {change ? (
                    <span className="ml-3">
                      <ChangeLine change={change} />
                    </span>
                  ) : null}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function WholeValue({ row, value, base }: { row: CompareRow; value: Value; base: Value }): ReactNode {
  const text = value === null ? textOf(row, value) : wholeText(row, value);
  if (typeof value !== 'string' || typeof base !== 'string' || row.unit !== null) return text;
  return <ChangedText text={text} other={wholeText(row, base)} />;
}

/** Of a metric every digit. */
const wholeText = (row: CompareRow, value: string | number): string =>
  row.unit === null ? String(value) : textOf(row, value);
