/** The A/B test of an endpoint: whether its split holds, what it says, and the figures behind. */
import { FlaskConical } from 'lucide-react';
import type { AbResult, AbTest } from '../../../src-main/contract/ab-tests.ts';
import { formatDateTime, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo, setQuery, useLocation } from '../../lib/router.ts';
import { Callout } from '../../ui/Callout.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { ArmsPanel } from './arms-panel.tsx';
import { EffectPanel } from './effect-panel.tsx';
import { FeedbackPanel } from './feedback-panel.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { RatioPanel } from './ratio-panel.tsx';
import { verdictTone } from './result-words.ts';

type Props = { endpoint: string; url: string | null };

export function AbTestView({ endpoint, url }: Props) {
  const { query } = useLocation();
  const tests = useData(['abTests', 'list', endpoint], (rpc, signal) =>
    rpc.abTests.list({ endpoint }, { signal }),
  );
  return (
    <QueryState query={tests} what="The tests">
      {(all) => {
        const test = all.find(({ since }) => String(since) === query.since) ?? all[0];
        if (!test)
          return (
            <EmptyState icon={FlaskConical} title="There is nothing to compare">
              A test begins when two versions share the traffic:{' '}
              <Link to={`${pathTo('serving', endpoint)}?tab=route`}>add an arm to the route</Link>. Changing
              only the shares goes on with the same test.
            </EmptyState>
          );
        return <Test key={`${endpoint} ${test.since}`} test={test} all={all} url={url} />;
      }}
    </QueryState>
  );
}

function Test({ test, all, url }: { test: AbTest; all: readonly AbTest[]; url: string | null }) {
  const { endpoint, since } = test;
  const result = useData(['abTests', 'result', endpoint, since], (rpc, signal) =>
    rpc.abTests.result({ endpoint, since }, { signal }),
  );
  const series = useData(['abTests', 'series', endpoint, since], (rpc, signal) =>
    rpc.abTests.series({ endpoint, since }, { signal }),
  );
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-baseline gap-3">
        {all.length > 1 ? (
          <div className="w-80">
            <Select
              label="Test"
              value={String(since)}
              onChange={(value) => setQuery({ since: value === String(all[0]?.since) ? null : value })}
              options={all.map((one) => ({ value: String(one.since), label: testLabel(one) }))}
            />
          </div>
        ) : (
          <p className="text-ink-2">{testLabel(test)}</p>
        )}
        <p className="text-xs text-ink-3">
          {plural(test.periods, 'period')} of equal shares; arms are compared within each
        </p>
      </div>
      <QueryState query={result} what="The result">
        {(data) => <Result result={data} series={series.data ?? []} url={url} />}
      </QueryState>
    </div>
  );
}

const testLabel = ({ arms, startedMs, running, endedMs }: AbTest): string =>
  `${arms.map(({ key, version }) => `${key} v${version}`).join(' against ')}, since ${formatDateTime(startedMs)}${
    running ? '' : `, ended ${formatDateTime(endedMs)}`
  }`;

type ResultProps = {
  result: AbResult;
  series: Parameters<typeof EffectPanel>[0]['series'];
  url: string | null;
};

function Result({ result, series, url }: ResultProps) {
  const { verdict, notes, metric } = result;
  const needsFeedback =
    verdict.kind === 'empty' &&
    (metric === 'reward-mean' || metric === 'reward-rate' || metric === 'accuracy');
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_348px] xl:grid-rows-[auto_1fr]">
        <div className="min-w-0 xl:col-start-2 xl:row-start-1">
          <RatioPanel ratio={result.ratio} />
        </div>
        <div className="flex min-w-0 flex-col gap-3 xl:col-start-1 xl:row-span-2 xl:row-start-1">
          <section aria-label="Verdict">
            <Callout tone={verdictTone(verdict)} title={verdict.title}>
              {verdict.text}
            </Callout>
          </section>
          {needsFeedback ? <FeedbackPanel url={url} /> : <EffectPanel result={result} series={series} />}
        </div>
        <div className="min-w-0 xl:col-start-2">
          <PlanPanel key={result.test.plan.revision} result={result} />
        </div>
      </div>
      <ArmsPanel arms={result.arms} metric={metric} />
      {notes.length > 0 ? (
        <Panel title="Good to know">
          <ul className="flex list-disc flex-col gap-1 pl-4 text-xs text-ink-2">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Panel>
      ) : null}
      {needsFeedback ? null : <FeedbackPanel url={url} />}
    </div>
  );
}
