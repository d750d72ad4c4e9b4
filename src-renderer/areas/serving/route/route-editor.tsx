/** Changes a route: who gets what, who moves the weights, who watches; says what it does; saves what was seen. */
import { useEffect, useState } from 'react';
import type { Endpoint } from '../../../../src-main/contract/serving.ts';
import { type Route, type RouteMode, routeOf } from '../../../../src-main/contract/serving-route.ts';
import { reportOf } from '../../../lib/errors.ts';
import { queryClient, useAction, useData } from '../../../lib/query.ts';
import { setQuery, useLocation } from '../../../lib/router.ts';
import { rpc } from '../../../lib/rpc.ts';
import { toast } from '../../../lib/store.ts';
import { Button } from '../../../ui/Button.tsx';
import { Callout } from '../../../ui/Callout.tsx';
import { FailureCallout } from '../../../ui/FailureCallout.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { SegmentedControl } from '../../../ui/SegmentedControl.tsx';
import { TextField } from '../../../ui/TextField.tsx';
import { ArmsFields } from './arms-fields.tsx';
import { CanaryFields } from './canary-fields.tsx';
import { BanditFields, ShadowFields, StickyFields } from './option-fields.tsx';
import { defaultCanary, routeChanges, routeProblem } from './route-words.ts';
import { addArm } from './split.ts';

const MODES: readonly { value: RouteMode['kind']; label: string }[] = [
  { value: 'fixed', label: 'Fixed split' },
  { value: 'canary', label: 'Canary ramp' },
  { value: 'bandit', label: 'Bandit' },
];
type Draft = { base: number; route: Route };

export function RouteEditor({ endpoint }: { endpoint: Endpoint }) {
  const saved = routeOf(endpoint);
  const { name, model, revision } = endpoint;
  const { query } = useLocation();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [reason, setReason] = useState('');
  const found = useData(['models', 'get', model], (client, signal) =>
    client.models.get({ name: model }, { signal }),
  );
  const versions =
    found.data?.versions.map(({ version }) => version).sort((a, b) => Number(b) - Number(a)) ?? [];
  const route = draft?.route ?? saved;
  const change = (part: Partial<Route>) =>
    setDraft({ base: draft?.base ?? revision, route: { ...route, ...part } });
  const reset = () => {
    setDraft(null);
    setReason('');
    save.reset();
  };
  const setMode = (kind: RouteMode['kind']) => {
    if (kind === saved.mode.kind) change({ mode: saved.mode });
    else if (kind === 'canary') change({ mode: defaultCanary(route.arms) });
    else if (kind === 'bandit') change({ mode: { kind, floor: 500, reward: 'binary', everyRewards: 100 } });
    else change({ mode: { kind } });
  };

  // A link from Models may ask to try a version here: it comes as an arm without traffic.
  const wanted = query.add;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the link is followed.
  useEffect(() => {
    if (!wanted) return;
    setQuery({ add: null, tab: 'route' });
    if (!route.arms.some(({ version }) => version === wanted)) change({ arms: addArm(route.arms, wanted) });
  }, [wanted]);

  const save = useAction(
    (client, input: Draft) =>
      client.serving.setRoute({ name, revision: input.base, route: input.route, reason }),
    {
      quiet: true,
      topics: ['serving', 'models', 'overview', 'abTests'],
      onDone: (now, { base }) => {
        queryClient.setQueryData(['serving', 'get', name], now);
        setDraft(null);
        setReason('');
        toast.undo(`The route of ${name} is changed`, () => void undo(now, base));
      },
    },
  );
  const changes = draft ? routeChanges(saved, draft.route) : [];
  const stale = draft !== null && draft.base !== revision;
  const problem = routeProblem(route);
  const failure = save.error ? reportOf(save.error) : null;
  const { mode } = route;

  return (
    <Panel
      title="Route"
      actions={
        <SegmentedControl<RouteMode['kind']>
          label="Who changes the weights"
          options={MODES}
          value={mode.kind}
          onChange={setMode}
        />
      }
    >
      <div className="flex flex-col gap-4">
        <ArmsFields arms={route.arms} versions={versions} onChange={(arms) => change({ arms })} />
        {endpoint.arms.map((arm) =>
          arm.error ? <FailureCallout key={arm.key} of={arm.key} report={arm.error} /> : null,
        )}
        {mode.kind === 'canary' ? (
          <CanaryFields plan={mode} arms={route.arms} onChange={(plan) => change({ mode: plan })} />
        ) : null}
        {mode.kind === 'bandit' ? (
          <BanditFields plan={mode} onChange={(plan) => change({ mode: plan })} />
        ) : null}
        <StickyFields sticky={route.sticky} onChange={(sticky) => change({ sticky })} />
        <ShadowFields
          shadow={route.shadow}
          versions={versions}
          arms={route.arms}
          onChange={(shadow) => change({ shadow })}
        />
        {draft && (changes.length > 0 || problem) ? (
          <section aria-label="What changes" className="flex flex-col gap-3 border-t border-line pt-3">
            <div role="status">
              {problem ?? (
                <ul className="flex flex-col gap-0.5">
                  {changes.map((text) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
              )}
            </div>
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
                title="The route was changed elsewhere meanwhile"
                actions={
                  <Button size="sm" onClick={reset}>
                    Show it
                  </Button>
                }
              >
                Your change was not applied. Look at the present route, then change it again.
              </Callout>
            ) : failure ? (
              <FailureCallout report={failure} />
            ) : null}
            <div className="flex justify-end gap-2">
              <Button onClick={reset}>Discard</Button>
              <Button
                variant="primary"
                busy={save.isPending}
                disabled={problem !== null || stale || changes.length === 0}
                onClick={() => save.mutate(draft)}
              >
                Save route
              </Button>
            </div>
          </section>
        ) : null}
      </div>
    </Panel>
  );
}

async function undo({ name, revision }: Endpoint, to: number): Promise<void> {
  try {
    const back = await rpc.serving.rollback({ name, revision, to, reason: 'Undo' });
    queryClient.setQueryData(['serving', 'get', name], back);
    toast.ok('The route is as it was');
  } catch (error) {
    toast.error(reportOf(error));
  }
}
