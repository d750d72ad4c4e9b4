/** Changes a split: drag a boundary, or type; see who moves; say why; save against the revision that was seen. */
import { Plus, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { type Arm, routeOf } from '../../../src-main/contract/serving-route.ts';
import { armColor, cssColor } from '../../charts/theme.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatPercent } from '../../lib/format.ts';
import { queryClient, useAction, useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import { NumberField, TextField } from '../../ui/TextField.tsx';
import { addArm, movement, removeArm, sameSplit, setWeight, splitProblem } from './split.ts';
import { SplitBar } from './split-bar.tsx';

const plain = ({ key, version, weight }: Arm): Arm => ({ key, version, weight });
type Draft = { base: number; arms: Arm[] };

export function SplitEditor({ endpoint }: { endpoint: Endpoint }) {
  const saved = endpoint.arms.map(plain);
  const { query } = useLocation();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [reason, setReason] = useState('');
  const model = useData(['models', 'get', endpoint.model], (client, signal) =>
    client.models.get({ name: endpoint.model }, { signal }),
  );
  const versions =
    model.data?.versions.map(({ version }) => version).sort((a, b) => Number(b) - Number(a)) ?? [];

  const arms = draft?.arms ?? saved;
  const change = (next: Arm[]) => setDraft({ base: draft?.base ?? endpoint.revision, arms: next });
  const reset = () => {
    setDraft(null);
    setReason('');
    save.reset();
  };

  // A link from Models may ask to try a version here: it comes as an arm without traffic.
  const wanted = query.add;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the link is followed.
  useEffect(() => {
    if (!wanted) return;
    setQuery({ add: null });
    if (!arms.some(({ version }) => version === wanted)) change(addArm(arms, wanted));
  }, [wanted]);

  const save = useAction(
    (client, input: Draft) =>
      client.serving.setRoute({
        name: endpoint.name,
        revision: input.base,
        route: { ...routeOf(endpoint), arms: input.arms },
        reason,
      }),
    {
      quiet: true,
      topics: ['serving', 'models', 'overview'],
      onDone: (now) => {
        queryClient.setQueryData(['serving', 'get', endpoint.name], now);
        setDraft(null);
        setReason('');
        toast.undo(`The split of ${endpoint.name} is changed`, () => void undo(now, saved));
      },
    },
  );

  const dirty = draft !== null && !sameSplit(draft.arms, saved);
  const stale = draft !== null && draft.base !== endpoint.revision;
  const problem = splitProblem(arms);
  const failure = save.error ? reportOf(save.error) : null;

  return (
    <Panel title="Split" hint="sticky: a unit stays with its arm">
      <div className="flex flex-col gap-3">
        <SplitBar arms={arms} onChange={change} />
        <ul className="flex flex-col gap-2">
          {arms.map((arm, i) => (
            <li
              key={arm.key}
              className="grid grid-cols-[minmax(0,1fr)_minmax(92px,auto)_84px_auto] items-center gap-2"
            >
              <span className="flex min-w-0 items-center gap-2 font-medium">
                <Swatch color={cssColor(armColor(arm.key, i))} />
                <span className="truncate">{arm.key}</span>
              </span>
              <Select
                label={`Version of ${arm.key}`}
                hideLabel
                value={arm.version}
                onChange={(version) => change(arms.map((one, at) => (at === i ? { ...one, version } : one)))}
                options={[...new Set([...versions, arm.version])].map((version) => ({
                  value: version,
                  label: `v${version}`,
                }))}
              />
              <NumberField
                label={`Share of ${arm.key} in percent`}
                hideLabel
                value={arm.weight / 100}
                min={0}
                max={100}
                unit="%"
                disabled={arms.length < 2}
                onCommit={(percent) => change(setWeight(arms, i, percent * 100))}
              />
              <IconButton
                icon={Trash2}
                label={`Remove ${arm.key}`}
                size="sm"
                disabled={arms.length < 2}
                onClick={() => change(removeArm(arms, i))}
              />
            </li>
          ))}
        </ul>
        <div>
          <Button
            size="sm"
            variant="ghost"
            icon={Plus}
            disabled={arms.length >= 8 || versions.length === 0}
            onClick={() =>
              change(
                addArm(
                  arms,
                  versions.find((version) => !arms.some((arm) => arm.version === version)) ??
                    versions[0] ??
                    '1',
                ),
              )
            }
          >
            Add an arm
          </Button>
        </div>
        {endpoint.arms.map((arm) =>
          arm.error ? (
            <Callout key={arm.key} tone="bad" title={`${arm.key}: ${arm.error.cause}`}>
              {arm.error.remedy} <code className="text-ink-3">{arm.error.code}</code>
            </Callout>
          ) : null,
        )}
        {dirty ? (
          <div className="flex flex-col gap-3 border-t border-line pt-3">
            <p role="status">{problem ?? effectText(saved, arms)}</p>
            <TextField
              label="Reason (kept in the history)"
              value={reason}
              onChange={setReason}
              maxLength={500}
              placeholder="Why this change?"
            />
            {stale || failure?.code === 'LATHE_CONFLICT' ? (
              <Callout
                tone="warn"
                title="The split was changed elsewhere meanwhile"
                actions={
                  <Button size="sm" onClick={reset}>
                    Show it
                  </Button>
                }
              >
                Your change was not applied. Look at the present split, then change it again.
              </Callout>
            ) : failure ? (
              <Callout tone="bad" title={failure.cause}>
                {failure.remedy} <code className="text-ink-3">{failure.code}</code>
              </Callout>
            ) : null}
            <div className="flex justify-end gap-2">
              <Button onClick={reset}>Discard</Button>
              <Button
                variant="primary"
                busy={save.isPending}
                disabled={problem !== null || stale}
                onClick={() => draft && save.mutate(draft)}
              >
                Save split
              </Button>
            </div>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

async function undo(now: Endpoint, arms: Arm[]): Promise<void> {
  try {
    const back = await rpc.serving.setRoute({
      name: now.name,
      revision: now.revision,
      route: { ...routeOf(now), arms },
      reason: 'Undo',
    });
    queryClient.setQueryData(['serving', 'get', now.name], back);
    toast.ok('The split is as it was');
  } catch (error) {
    toast.error(reportOf(error));
  }
}

/** What a change does to those who call, in words. */
function effectText(before: readonly Arm[], after: readonly Arm[]): string {
  const { moved, reversioned } = movement(before, after);
  const parts = [
    moved > 0
      ? `${formatPercent(moved, moved < 0.1 ? 2 : 0)} of units move to another arm`
      : 'No unit changes its arm',
    reversioned > 0 ? `${formatPercent(reversioned, 0)} stay in their arm and get another version` : null,
  ].filter((part) => part !== null);
  return `${parts.join('; ')}.`;
}
