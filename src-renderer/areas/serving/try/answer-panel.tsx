/** What came back: who answered, how fast, and the outputs in a form that can be read. */
import { useState } from 'react';
import type { TryAnswer } from '../../../../src-main/contract/serving.ts';
import { cssColor } from '../../../charts/theme.ts';
import type { ShownReport } from '../../../lib/errors.ts';
import { formatDuration, formatNumber, formatPercent, plural } from '../../../lib/format.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { CodeBlock } from '../../../ui/CodeBlock.tsx';
import { FailureCallout } from '../../../ui/FailureCallout.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { ScrollRegion } from '../../../ui/ScrollRegion.tsx';
import { SegmentedControl } from '../../../ui/SegmentedControl.tsx';
import { Select } from '../../../ui/Select.tsx';
import { type AnswerOutput, readAnswer, rowOf, topClasses } from './answer-rules.ts';

const MOST_CLASSES = 8;
const MOST_ROWS = 50;
const MOST_COLUMNS = 12;
const MOST_RAW = 20_000;

export type Outcome = { answer: TryAnswer } | { failure: ShownReport };

export function AnswerPanel({ outcome, busy }: { outcome: Outcome | null; busy: boolean }) {
  const [view, setView] = useState<'read' | 'raw'>('read');
  const answer = outcome && 'answer' in outcome ? outcome.answer : null;
  return (
    <Panel
      title="Answer"
      hint={busy ? 'waiting …' : null}
      actions={
        answer ? (
          <SegmentedControl<'read' | 'raw'>
            label="Show the answer"
            options={[
              { value: 'read', label: 'Readable' },
              { value: 'raw', label: 'JSON' },
            ]}
            value={view}
            onChange={setView}
          />
        ) : null
      }
    >
      <div aria-live="polite" className="flex min-w-0 flex-col gap-3">
        {outcome === null ? (
          <p className="text-ink-3">Send the request, and what the endpoint answers is here.</p>
        ) : 'failure' in outcome ? (
          <FailureCallout report={outcome.failure} />
        ) : (
          <Answered answer={outcome.answer} raw={view === 'raw'} />
        )}
      </div>
    </Panel>
  );
}

function Answered({ answer, raw }: { answer: TryAnswer; raw: boolean }) {
  const read = readAnswer(answer);
  const [arm, version] = (answer.route ?? '').split('@');
  return (
    <>
      <p className="num flex flex-wrap items-center gap-2">
        <Badge tone={answer.status === 200 ? 'ok' : answer.status < 500 ? 'warn' : 'bad'}>
          {answer.status}
        </Badge>
        {answer.route ? (
          <span>
            <b className="font-medium">{arm}</b> <span className="text-ink-2">version {version}</span>
          </span>
        ) : null}
        <span className="text-ink-2">{formatDuration(answer.ms)}</span>
        {answer.retryAfter ? <span className="text-ink-2">try again in {answer.retryAfter} s</span> : null}
        {read.kind === 'outputs' && read.id ? (
          <span className="min-w-0 truncate text-xs text-ink-3" title="Id of the request">
            {read.id}
          </span>
        ) : null}
      </p>
      {raw || read.kind === 'other' ? (
        <Raw body={answer.body} />
      ) : read.kind === 'refusal' ? (
        <FailureCallout report={read} tone={answer.status < 500 ? 'warn' : 'bad'} />
      ) : (
        <Outputs outputs={read.outputs} />
      )}
    </>
  );
}

function Raw({ body }: { body: string }) {
  let text = body;
  if (body.length <= MOST_RAW)
    try {
      text = JSON.stringify(JSON.parse(body), null, 2);
    } catch {
      // It is shown as it came.
    }
  const cut = text.length > MOST_RAW;
  return <CodeBlock code={cut ? `${text.slice(0, MOST_RAW)} …` : text} label="The answer as JSON" wrap />;
}

function Outputs({ outputs }: { outputs: readonly AnswerOutput[] }) {
  const rows = Math.max(1, ...outputs.map((output) => output.rows));
  const [chosen, setRow] = useState(0);
  const row = Math.min(chosen, rows - 1);
  return (
    <>
      {rows > 1 && outputs.some(({ probabilities }) => probabilities) ? (
        <div className="max-w-40">
          <Select
            label="Row"
            value={String(row)}
            onChange={(value) => setRow(Number(value))}
            options={Array.from({ length: Math.min(rows, 1_000) }, (_, at) => ({
              value: String(at),
              label: `Row ${at + 1} of ${rows}`,
            }))}
          />
        </div>
      ) : null}
      {outputs.map((output) => (
        <section key={output.name} aria-label={output.name} className="min-w-0">
          <h3 className="mb-1 text-xs font-medium text-ink-2">
            {output.name}{' '}
            <span className="num font-normal text-ink-3">
              {output.datatype} [{output.shape.join(', ')}]
            </span>
          </h3>
          {output.probabilities ? (
            <Classes output={output} row={Math.min(row, output.rows - 1)} />
          ) : output.rows * output.width === 1 ? (
            <p className="num text-xl font-semibold tracking-tight">{cellText(output.data[0])}</p>
          ) : (
            <Matrix output={output} />
          )}
        </section>
      ))}
    </>
  );
}

/** Classes of a distribution as bars, the likeliest first where there are many. */
function Classes({ output, row }: { output: AnswerOutput; row: number }) {
  const top = topClasses(output, row, MOST_CLASSES);
  const shown = output.width <= MOST_CLASSES ? top.toSorted((a, b) => a.at - b.at) : top;
  const best = top[0]?.at;
  return (
    <>
      <ul className="flex flex-col gap-1">
        {shown.map(({ at, share }) => (
          <li key={at} className="num grid grid-cols-[72px_minmax(0,1fr)_64px] items-center gap-2 text-xs">
            <span className={at === best ? 'font-semibold' : 'text-ink-2'}>class {at}</span>
            <span className="h-3 overflow-hidden rounded-xs bg-inset" aria-hidden="true">
              <span
                className="block h-full rounded-xs"
                style={{ width: `${share * 100}%`, background: cssColor(at === best ? 1 : 'muted') }}
              />
            </span>
            <span className={`text-right ${at === best ? 'font-semibold' : 'text-ink-2'}`}>
              {formatPercent(share, 1)}
            </span>
          </li>
        ))}
      </ul>
      {output.width > MOST_CLASSES ? (
        <p className="mt-1 text-xs text-ink-3">
          the likeliest {MOST_CLASSES} of {output.width} classes
        </p>
      ) : null}
    </>
  );
}

function Matrix({ output }: { output: AnswerOutput }) {
  const rows = Math.min(output.rows, MOST_ROWS);
  const columns = Math.min(output.width, MOST_COLUMNS);
  const cut = [
    output.rows > rows ? plural(output.rows - rows, 'more row') : null,
    output.width > columns ? plural(output.width - columns, 'more column') : null,
  ].filter((part) => part !== null);
  return (
    <>
      <ScrollRegion label={`Values of ${output.name}`} className="max-h-72 rounded-sm border border-line">
        <table className="num w-full text-xs">
          <tbody>
            {Array.from({ length: rows }, (_, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place.
              <tr key={row} className="border-b border-line last:border-b-0">
                <th scope="row" className="px-2 py-1 text-left font-normal text-ink-3">
                  {row + 1}
                </th>
                {rowOf(output, row)
                  .slice(0, columns)
                  .map((value, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a value is its place.
                    <td key={at} className="px-2 py-1 text-right whitespace-nowrap">
                      {cellText(value)}
                    </td>
                  ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {cut.length > 0 ? <p className="mt-1 text-xs text-ink-3">and {cut.join(', ')}</p> : null}
    </>
  );
}

const cellText = (value: AnswerOutput['data'][number] | undefined): string =>
  typeof value === 'number'
    ? formatNumber(value, 6)
    : value === null || value === undefined
      ? 'NaN'
      : String(value);
