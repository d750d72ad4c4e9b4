/** What a rule would have done: told while it is written. */
import { History } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { AlertRuleInput } from '../../../src-main/contract/alerts.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { seriesTitle, unitOf, valueText, WINDOW_WORD, windowText } from '../../lib/series-words.ts';
import { Spinner } from '../../ui/Spinner.tsx';

const STILL_MS = 350;
const SHOWN = 12;

export function RuleTrial({ rule }: { rule: AlertRuleInput | null }) {
  const settled = useStill(rule);
  const trial = useData(
    ['alerts', 'try', settled],
    (rpc, signal) => {
      if (!settled) throw new Error('There is no rule to try.');
      return rpc.alerts.tryRule(settled, { signal });
    },
    { enabled: settled !== null, keep: true },
  );
  return (
    <aside aria-label="On what is there" className="min-w-0 rounded-md border border-line bg-inset p-3">
      <h3 className="mb-1.5 flex items-center gap-2 text-sm">
        <History size={14} aria-hidden="true" className="text-ink-3" />
        On what is there
        {trial.isFetching ? <Spinner size={12} /> : null}
      </h3>
      <div aria-live="polite">
        {!rule ? (
          <p className="text-ink-3">Fill in the fields, and how often it would have fired shows here.</p>
        ) : trial.error ? (
          <p className="text-xs break-words text-ink-2">
            {reportOf(trial.error).cause} {reportOf(trial.error).remedy}
          </p>
        ) : trial.data ? (
          <Result data={trial.data} rule={rule} />
        ) : (
          <p className="text-ink-3">Looking back …</p>
        )}
      </div>
    </aside>
  );
}

type Trial = {
  windows: number;
  fired: { windowMs: number; series: AlertRuleInput['series']; value: number }[];
  says: string;
};

function Result({ data, rule }: { data: Trial; rule: AlertRuleInput }) {
  const { fired, windows, says } = data;
  const newest = [...fired].sort((a, b) => b.windowMs - a.windowMs).slice(0, SHOWN);
  const many =
    rule.series.of === 'drift' || rule.series.of === 'quality' ? rule.series.feature === '*' : false;
  return (
    <div className="flex flex-col gap-2">
      <p className="num text-lg font-semibold tracking-tight">
        {fired.length === 0 ? 'It would not have fired' : `Would have fired ${plural(fired.length, 'time')}`}
        <span className="block text-xs font-normal tracking-normal text-ink-3">
          in the last {plural(windows, WINDOW_WORD[rule.per])}
        </span>
      </p>
      <p className="text-xs text-ink-2">{says}</p>
      {newest.length > 0 ? (
        <ol className="num flex flex-col gap-1 border-t border-line pt-2 text-xs">
          {newest.map(({ windowMs, series, value }) => (
            <li key={`${windowMs} ${seriesTitle(series)}`} className="flex items-baseline gap-2">
              <span className="shrink-0 text-ink-3">{windowText(windowMs, rule.per)}</span>
              <span className="min-w-0 flex-1 truncate" title={seriesTitle(series)}>
                {many && 'feature' in series ? series.feature : ''}
              </span>
              <span className="shrink-0 font-medium">{valueText(value, unitOf(series))}</span>
            </li>
          ))}
          {fired.length > SHOWN ? (
            <li className="text-ink-3">and {formatCount(fired.length - SHOWN)} before</li>
          ) : null}
        </ol>
      ) : null}
    </div>
  );
}

/** A value once it has not changed for a moment, so that not every key asks the engine. */
function useStill(rule: AlertRuleInput | null): AlertRuleInput | null {
  const text = JSON.stringify(rule);
  const [still, setStill] = useState(rule);
  useEffect(() => {
    const timer = setTimeout(() => setStill(JSON.parse(text)), STILL_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return still;
}
