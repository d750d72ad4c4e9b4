/** What the test asks: its metric, its baseline, and the smallest difference that matters. */
import { useState } from 'react';
import type { AbMetric, AbPlan, AbResult } from '../../../src-main/contract/ab-tests.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatCompact } from '../../lib/format.ts';
import { useAction } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { METRICS, minEffectOf, minEffectText } from './result-words.ts';

type Choice = { metric: AbMetric; baseline: string; minEffect: string };

/** Keyed by the plan's revision: a change from elsewhere begins the form anew. */
export function PlanPanel({ result }: { result: AbResult }) {
  const { test, available } = result;
  const { plan } = test;
  const [choice, setChoice] = useState<Choice>({
    metric: plan.metric,
    baseline: plan.baseline,
    minEffect: minEffectText(plan.metric, plan.minEffect),
  });
  const save = useAction(
    (rpc, next: AbPlan) => rpc.abTests.setPlan({ endpoint: test.endpoint, since: test.since, plan: next }),
    { quiet: true, topics: ['abTests'], onDone: () => toast.ok('The plan of the test is changed') },
  );
  const change = (part: Partial<Choice>) => setChoice({ ...choice, ...part });
  const minEffect = minEffectOf(choice.metric, choice.minEffect);
  const next: AbPlan | null =
    'value' in minEffect
      ? { ...plan, metric: choice.metric, baseline: choice.baseline, minEffect: minEffect.value }
      : null;
  const dirty = next !== null && JSON.stringify(next) !== JSON.stringify(plan);
  const failure = save.error ? reportOf(save.error) : null;
  const counts = new Map(available.map(({ metric, n }) => [metric, n]));
  return (
    <Panel title="What is asked" hint="settle it before you look">
      <div className="flex flex-col gap-3">
        <Select<AbMetric>
          label="Metric"
          help={METRICS[choice.metric].help}
          value={choice.metric}
          onChange={(metric) => change({ metric, minEffect: '' })}
          options={(Object.keys(METRICS) as AbMetric[]).map((metric) => ({
            value: metric,
            label: `${METRICS[metric].label} (${formatCompact(counts.get(metric) ?? 0)} values)`,
          }))}
        />
        <Select
          label="Compared with"
          value={choice.baseline}
          onChange={(baseline) => change({ baseline })}
          options={test.arms.map(({ key, version }) => ({ value: key, label: `${key} v${version}` }))}
        />
        <TextField
          label={`Smallest difference that matters${METRICS[choice.metric].share ? ' (points)' : ''}`}
          value={choice.minEffect}
          onChange={(text) => change({ minEffect: text })}
          placeholder="none named"
          inputMode="decimal"
          error={'problem' in minEffect ? minEffect.problem : null}
        />
        <FailureCallout report={failure} tone={failure?.code === 'LATHE_CONFLICT' ? 'warn' : 'bad'} />
        {dirty ? (
          <div className="flex justify-end gap-2">
            <Button
              onClick={() =>
                setChoice({
                  metric: plan.metric,
                  baseline: plan.baseline,
                  minEffect: minEffectText(plan.metric, plan.minEffect),
                })
              }
            >
              Discard
            </Button>
            <Button variant="primary" busy={save.isPending} onClick={() => next && save.mutate(next)}>
              Save plan
            </Button>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}
