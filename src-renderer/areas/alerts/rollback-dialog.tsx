/** Takes the endpoint back to a former route, having said what that will do. */
import type { Alert, AlertEvidence } from '../../../src-main/contract/alerts.ts';
import { type Route, routeOf } from '../../../src-main/contract/serving-route.ts';
import { StackedShare } from '../../charts/stacked-share.tsx';
import { armColor, cssColor } from '../../charts/theme.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatPercent } from '../../lib/format.ts';
import { useAction, useData } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { QueryState } from '../../ui/QueryState.tsx';

const TOPICS = ['serving', 'models', 'overview', 'abTests', 'alerts'] as const;

type Props = { alert: Alert; rollback: NonNullable<AlertEvidence['rollback']>; onClose: () => void };

export function RollbackDialog({ alert, rollback, onClose }: Props) {
  const { endpoint: name } = alert;
  const endpoint = useData(['serving', 'get', name], (rpc, signal) => rpc.serving.get({ name }, { signal }));
  const history = useData(['serving', 'history', name], (rpc, signal) =>
    rpc.serving.history({ name }, { signal }),
  );
  const back = useAction(
    (rpc, { revision, to, reason }: { revision: number; to: number; reason: string }) =>
      rpc.serving.rollback({ name, revision, to, reason }),
    { topics: [...TOPICS], quiet: true },
  );
  const roll = (revision: number) =>
    back.mutate(
      { revision, to: rollback.revision, reason: `Alert: ${alert.title}`.slice(0, 500) },
      {
        onSuccess: (now) => {
          onClose();
          toast.undo(`${name} is back to the route of revision ${rollback.revision}`, () =>
            back.mutate(
              { revision: now.revision, to: revision, reason: 'Rollback taken back' },
              { onError: (error) => toast.error(reportOf(error)) },
            ),
          );
        },
      },
    );
  const target = history.data?.find(({ revision }) => revision === rollback.revision)?.route;
  const changed = endpoint.data && endpoint.data.updatedMs > alert.openedMs;
  // A rollback is a new revision with the former one's route.
  const already =
    endpoint.data && target && JSON.stringify(routeOf(endpoint.data)) === JSON.stringify(routeOf(target));
  const failure = back.error ? reportOf(back.error) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Roll back ${name}?`}
      description={rollback.says}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            data-autofocus=""
            busy={back.isPending}
            disabled={!endpoint.data || already}
            onClick={() => endpoint.data && roll(endpoint.data.revision)}
          >
            Roll back
          </Button>
        </>
      }
    >
      <QueryState query={endpoint} what="The route">
        {(now) => (
          <div className="flex flex-col gap-3">
            <RouteLine label="Now" revision={now.revision} route={now} />
            {target ? (
              <RouteLine label="After" revision={rollback.revision} route={target} />
            ) : history.error ? (
              <Callout tone="warn" title="The former route could not be read, so it is not shown here." />
            ) : null}
            <p className="text-ink-2">
              The versions are loaded first and no request is dropped. This is a change like any other: it
              stands in the history and can be taken back.
            </p>
            {already ? <Callout tone="info" title="This is the present route already." /> : null}
            {changed && !already ? (
              <Callout tone="warn" title="The route was changed after this alert fired.">
                What was changed since then is taken back too.
              </Callout>
            ) : null}
            <FailureCallout report={failure} />
          </div>
        )}
      </QueryState>
    </Dialog>
  );
}

function RouteLine({
  label,
  revision,
  route,
}: {
  label: string;
  revision: number;
  route: Pick<Route, 'arms'>;
}) {
  return (
    <div className="grid grid-cols-[64px_minmax(0,1fr)] items-baseline gap-x-3">
      <p className="text-xs text-ink-3">
        <span className="block text-sm font-medium text-ink">{label}</span>
        revision {revision}
      </p>
      <div className="flex min-w-0 flex-col gap-1.5">
        <StackedShare
          label={`${label}: shares of the arms`}
          shares={route.arms.map((arm, at) => ({
            id: arm.key,
            label: arm.key,
            share: arm.weight / 10_000,
            color: armColor(arm.key, at),
          }))}
        />
        <p className="num flex flex-wrap gap-x-4 text-xs">
          {route.arms.map((arm, at) => (
            <span key={arm.key} className="inline-flex items-center gap-1.5">
              <Swatch color={cssColor(armColor(arm.key, at))} />
              {arm.key} <span className="text-ink-3">v{arm.version}</span>{' '}
              {formatPercent(arm.weight / 10_000, 0)}
            </span>
          ))}
        </p>
      </div>
    </div>
  );
}
