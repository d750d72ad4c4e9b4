/** Every route there was: who changed it, why, on which figures; and the way back to it. */
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { Endpoint } from '../../../../src-main/contract/serving.ts';
import {
  type BanditFigures,
  type RouteChange,
  routeOf,
} from '../../../../src-main/contract/serving-route.ts';
import { StackedShare } from '../../../charts/stacked-share.tsx';
import { armColor } from '../../../charts/theme.ts';
import { reportOf } from '../../../lib/errors.ts';
import { formatCount, formatNumber, formatPercent } from '../../../lib/format.ts';
import { queryClient, useAction, useData } from '../../../lib/query.ts';
import { toast } from '../../../lib/store.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { IconButton } from '../../../ui/Button.tsx';
import { ConfirmDialog } from '../../../ui/Dialog.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { QueryState } from '../../../ui/QueryState.tsx';
import { ScrollRegion } from '../../../ui/ScrollRegion.tsx';
import { TimeAgo } from '../../../ui/TimeAgo.tsx';
import { CanaryFiguresTable } from './canary-panel.tsx';
import { modeText, routeChanges, sharePercent } from './route-words.ts';

export function HistoryPanel({ endpoint }: { endpoint: Endpoint }) {
  const { name, revision } = endpoint;
  const history = useData(['serving', 'history', name], (rpc, signal) =>
    rpc.serving.history({ name }, { signal }),
  );
  const [chosen, setChosen] = useState<RouteChange | null>(null);
  const rollback = useAction((rpc, to: number) => rpc.serving.rollback({ name, revision, to, reason: '' }), {
    topics: ['serving', 'models', 'overview', 'abTests'],
    quiet: true,
    onDone: (now, to) => {
      queryClient.setQueryData(['serving', 'get', name], now);
      setChosen(null);
      toast.ok(`${name} is back to the route of revision ${to}`);
    },
  });
  const effects = chosen ? routeChanges(routeOf(endpoint), chosen.route) : [];
  return (
    <Panel title="Route history" hint="newest first" padded={false}>
      <QueryState query={history} what="The history">
        {(changes) => (
          <ScrollRegion label="Revisions" className="max-h-[30rem] -outline-offset-2">
            <ol>
              {changes.map((change) => (
                <Change
                  key={change.revision}
                  change={change}
                  present={change.revision === revision}
                  onBack={() => setChosen(change)}
                />
              ))}
            </ol>
          </ScrollRegion>
        )}
      </QueryState>
      <ConfirmDialog
        open={chosen !== null}
        onClose={() => {
          rollback.reset();
          setChosen(null);
        }}
        onConfirm={() => chosen && rollback.mutate(chosen.revision)}
        title={`Back to the route of revision ${chosen?.revision ?? ''}?`}
        confirm="Roll back"
        busy={rollback.isPending}
        failure={rollback.error && reportOf(rollback.error)}
      >
        {effects.length > 0 ? effects.join(' ') : 'It is the same route as now.'} No request is dropped, and
        this is a change like any other: it can be taken back.
      </ConfirmDialog>
    </Panel>
  );
}

function Change({ change, present, onBack }: { change: RouteChange; present: boolean; onBack: () => void }) {
  const { revision, reason, actor, automatic, atMs, route, figures } = change;
  return (
    <li className="flex flex-col gap-1 border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex items-center gap-2 text-xs">
        <span className="num shrink-0 text-ink-3">{revision}</span>
        <span className="min-w-0 flex-1 truncate text-sm" title={reason}>
          {reason || 'No reason given'}
        </span>
        {present ? (
          <Badge tone="accent">now</Badge>
        ) : (
          <IconButton icon={Undo2} size="sm" label={`Back to revision ${revision}`} onClick={onBack} />
        )}
      </div>
      <StackedShare
        label={`Split of revision ${revision}`}
        height={4}
        shares={route.arms.map((arm, i) => ({
          id: arm.key,
          label: arm.key,
          share: arm.weight / 10_000,
          color: armColor(arm.key, i),
        }))}
      />
      <p className="num text-xs text-ink-3">
        {route.arms.map((arm) => `${arm.key} v${arm.version} ${sharePercent(arm.weight)}`).join(' · ')}
        {route.mode.kind === 'fixed' ? '' : ` · ${modeText(route.mode)}`}
        {route.shadow ? ` · shadow v${route.shadow.version}` : ''}
      </p>
      <p className="flex items-center gap-2 text-xs text-ink-3">
        {automatic ? <Badge tone="info">by itself</Badge> : null}
        {actor} · <TimeAgo ms={atMs} />
      </p>
      {figures ? (
        <details className="text-xs">
          <summary className="cursor-pointer text-accent">The figures behind it</summary>
          <div className="pt-2">
            {figures.kind === 'canary' ? (
              <CanaryFiguresTable figures={figures} />
            ) : (
              <BanditFiguresList figures={figures} />
            )}
          </div>
        </details>
      ) : null}
    </li>
  );
}

function BanditFiguresList({ figures }: { figures: BanditFigures }) {
  return (
    <ul className="num flex flex-col gap-1 text-ink-2">
      {figures.arms.map(({ key, version, rewards, mean, best, weight }) => (
        <li key={key}>
          <span className="font-medium">
            {key} v{version}
          </span>
          : mean reward {formatNumber(mean, 3)} of {formatCount(rewards)}, the best with{' '}
          {formatPercent(best, 0)}, gets {sharePercent(weight)}
        </li>
      ))}
    </ul>
  );
}
