/** How far the engine is with a file of labels, and the way to stop it. */
import { formatPercent } from '../../lib/format.ts';
import { useAction, useData } from '../../lib/query.ts';
import { Button } from '../../ui/Button.tsx';
import { Progress } from '../../ui/Progress.tsx';

export function JoinProgress() {
  const { data } = useData(['activity', 'running'], (rpc, signal) =>
    rpc.activity.list({ limit: 50 }, { signal }),
  );
  const cancel = useAction((rpc, id: string) => rpc.activity.cancel({ id }), { topics: ['activity'] });
  const running = data?.find(
    ({ state, kind, title }) => state === 'running' && kind === 'import' && /label/i.test(title),
  );
  return (
    <div className="flex items-center gap-3" aria-live="polite">
      <div className="flex-1">
        <Progress label="Joining labels" value={running?.progress ?? null} showValue />
        <p className="num mt-1 text-xs text-ink-3">
          {running?.detail || 'Joining labels with their predictions …'}
          {running?.progress == null ? '' : ` ${formatPercent(running.progress, 0)}`}
        </p>
      </div>
      {running?.cancellable ? (
        <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate(running.id)}>
          Stop
        </Button>
      ) : null}
    </div>
  );
}
