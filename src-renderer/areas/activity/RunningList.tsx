import type { Activity } from '../../../src-main/contract/activity.ts';
import { formatDuration, formatPercent } from '../../lib/format.ts';
import { useAction } from '../../lib/query.ts';
import { toast } from '../../lib/store.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/Button.tsx';
import { Link } from '../../ui/Link.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { KINDS } from './kinds.ts';

export function RunningList({ activities }: { activities: readonly Activity[] }) {
  return (
    <ul>
      {activities.map((activity) => (
        <Row key={activity.id} activity={activity} />
      ))}
    </ul>
  );
}

function Row({ activity }: { activity: Activity }) {
  const now = useNow();
  const cancel = useAction((rpc, id: string) => rpc.activity.cancel({ id }), {
    topics: ['activity'],
    onDone: ({ cancelled }) => {
      if (!cancelled) toast.show('info', 'It was already finished', { detail: activity.title });
    },
  });
  const { icon: Icon, word } = KINDS[activity.kind];
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_240px_auto] items-center gap-3 border-b border-line px-3 py-2.5 last:border-b-0">
      <Icon size={15} aria-label={word} className="text-ink-3" />
      <div className="min-w-0">
        <p className="truncate font-medium">
          {activity.href ? (
            <Link to={activity.href} quiet>
              {activity.title}
            </Link>
          ) : (
            activity.title
          )}
        </p>
        {activity.detail && <p className="truncate text-xs text-ink-3">{activity.detail}</p>}
      </div>
      <div className="min-w-0">
        <Progress label={activity.title} value={activity.progress} />
        <p className="num mt-1 flex justify-between text-xs text-ink-3">
          <span>{activity.progress === null ? 'Under way' : formatPercent(activity.progress, 0)}</span>
          <span>{formatDuration(Math.max(1_000, now - activity.startedMs))}</span>
        </p>
      </div>
      <span className="w-20 text-right">
        {activity.cancellable && (
          <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate(activity.id)}>
            Cancel
          </Button>
        )}
      </span>
    </li>
  );
}
