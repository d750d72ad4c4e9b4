/** The plan of a ramp: who, how far and how fast, and what must hold for it to go on. */
import { Plus, X } from 'lucide-react';
import {
  type Arm,
  type CanaryPlan,
  DEFAULT_GUARDRAILS,
} from '../../../../src-main/contract/serving-route.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Select } from '../../../ui/Select.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { NumberField } from '../../../ui/TextField.tsx';
import { planText } from './route-words.ts';
import { Stairs } from './stairs.tsx';

export function CanaryFields({
  plan,
  arms,
  onChange,
}: {
  plan: CanaryPlan;
  arms: readonly Arm[];
  onChange: (plan: CanaryPlan) => void;
}) {
  const change = (part: Partial<CanaryPlan>) => onChange({ ...plan, ...part });
  const options = arms.map(({ key, version }) => ({ value: key, label: `${key} v${version}` }));
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="sr-only">Plan of the canary</legend>
      <div className="grid grid-cols-2 gap-3">
        <Select
          label="Champion"
          value={plan.champion}
          onChange={(champion) => change({ champion })}
          options={options}
        />
        <Select
          label="Candidate"
          value={plan.candidate}
          onChange={(candidate) => change({ candidate })}
          options={options}
        />
      </div>
      <Stairs plan={plan} />
      <Steps steps={plan.steps} onChange={(steps) => change({ steps })} />
      <div className="grid grid-cols-2 gap-3 md:grid-cols-4">
        <NumberField
          label="Each step lasts"
          help="at least"
          value={plan.holdSeconds}
          min={1}
          max={30 * 86_400}
          integer
          unit="s"
          onCommit={(holdSeconds) =>
            change({ holdSeconds, windowSeconds: Math.min(plan.windowSeconds, holdSeconds) })
          }
        />
        <NumberField
          label="Answers it needs"
          help="of the candidate, a step"
          value={plan.minRequests}
          min={1}
          max={1_000_000_000}
          integer
          onCommit={(minRequests) => change({ minRequests })}
        />
        <NumberField
          label="Judged every"
          value={plan.windowSeconds}
          min={1}
          max={Math.min(3_600, plan.holdSeconds)}
          integer
          unit="s"
          onCommit={(windowSeconds) => change({ windowSeconds })}
        />
        <Select<CanaryPlan['atEnd']>
          label="After the last step"
          value={plan.atEnd}
          onChange={(atEnd) => change({ atEnd })}
          options={[
            { value: 'promote', label: 'Promote it' },
            { value: 'hold', label: 'Stay there' },
          ]}
        />
      </div>
      <Guardrails guardrails={plan.guardrails} onChange={(guardrails) => change({ guardrails })} />
      <p className="text-xs text-ink-2">{planText(plan)}</p>
    </fieldset>
  );
}

function Steps({ steps, onChange }: { steps: readonly number[]; onChange: (steps: number[]) => void }) {
  const last = steps.at(-1) ?? 0;
  return (
    <ol className="flex flex-wrap items-end gap-2" aria-label="Steps">
      {steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the ramp.
        <li key={at} className="flex items-end gap-0.5">
          <div className="w-24">
            <NumberField
              label={`Step ${at + 1}`}
              value={step / 100}
              min={0.01}
              max={100}
              unit="%"
              onCommit={(percent) =>
                onChange(steps.map((one, i) => (i === at ? Math.round(percent * 100) : one)))
              }
            />
          </div>
          <IconButton
            icon={X}
            label={`Remove step ${at + 1}`}
            size="sm"
            disabled={steps.length < 2}
            onClick={() => onChange(steps.filter((_, i) => i !== at))}
          />
        </li>
      ))}
      <li>
        <Button
          size="sm"
          variant="ghost"
          icon={Plus}
          disabled={steps.length >= 20 || last >= 10_000}
          onClick={() => onChange([...steps, Math.min(10_000, Math.max(last + 1, last * 2))])}
        >
          Add a step
        </Button>
      </li>
    </ol>
  );
}

type Rails = CanaryPlan['guardrails'];

function Guardrails({ guardrails, onChange }: { guardrails: Rails; onChange: (guardrails: Rails) => void }) {
  const { errorRate, latency } = guardrails;
  return (
    <div className="grid grid-cols-1 gap-3 rounded-md border border-line p-3 md:grid-cols-2">
      <div className="flex flex-col gap-2">
        <Switch
          label="Back when it fails more often"
          help="than the champion, by more than the margin and with that confidence"
          checked={errorRate !== null}
          onChange={(on) => onChange({ ...guardrails, errorRate: on ? DEFAULT_GUARDRAILS.errorRate : null })}
        />
        {errorRate ? (
          <div className="grid grid-cols-2 gap-2">
            <NumberField
              label="Margin"
              value={Number((errorRate.margin * 100).toPrecision(6))}
              min={0}
              max={100}
              unit="% points"
              onCommit={(percent) =>
                onChange({ ...guardrails, errorRate: { ...errorRate, margin: percent / 100 } })
              }
            />
            <NumberField
              label="Confidence"
              value={Number((errorRate.confidence * 100).toPrecision(6))}
              min={50.1}
              max={99.99}
              unit="%"
              onCommit={(percent) =>
                onChange({ ...guardrails, errorRate: { ...errorRate, confidence: percent / 100 } })
              }
            />
          </div>
        ) : null}
      </div>
      <div className="flex flex-col gap-2">
        <Switch
          label="Back when it is slower"
          help="by the 99th percentile of its time in the model per row, windows in a row"
          checked={latency !== null}
          onChange={(on) => onChange({ ...guardrails, latency: on ? DEFAULT_GUARDRAILS.latency : null })}
        />
        {latency ? (
          <div className="grid grid-cols-2 gap-2">
            <NumberField
              label="Times the champion’s"
              value={latency.ratio}
              min={1}
              max={100}
              unit="×"
              onCommit={(ratio) => onChange({ ...guardrails, latency: { ...latency, ratio } })}
            />
            <NumberField
              label="Windows in a row"
              value={latency.windows}
              min={1}
              max={100}
              integer
              onCommit={(windows) => onChange({ ...guardrails, latency: { ...latency, windows } })}
            />
          </div>
        ) : null}
      </div>
    </div>
  );
}
