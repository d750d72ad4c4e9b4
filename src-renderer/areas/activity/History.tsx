import { ChevronRight, ClipboardCopy, History as HistoryIcon } from 'lucide-react';
import { useState } from 'react';
import type { Activity } from '../../../src-main/contract/activity.ts';
import { reportAsText } from '../../lib/errors.ts';
import { formatDateTime, formatDuration } from '../../lib/format.ts';
import { toast } from '../../lib/store.ts';
import { StatusDot } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { copyText } from '../../ui/CodeBlock.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { KINDS, STATES } from './kinds.ts';

/** Rows drawn at once; the rest on request, so that a long history stays quick. */
const PAGE = 100;

export function History({ activities, filtered }: { activities: readonly Activity[]; filtered: boolean }) {
  const [shown, setShown] = useState(PAGE);
  if (activities.length === 0)
    return (
      <EmptyState icon={HistoryIcon} title={filtered ? 'Nothing of this kind' : 'Nothing has happened yet'}>
        {filtered
          ? 'Choose Everything to see the rest.'
          : 'Imports, changes to routes and settings, and everything that fails is listed here.'}
      </EmptyState>
    );
  return (
    <>
      <ul>
        {activities.slice(0, shown).map((activity) => (
          <Row key={activity.id} activity={activity} />
        ))}
      </ul>
      {activities.length > shown && (
        <div className="border-t border-line p-2 text-center">
          <Button variant="ghost" onClick={() => setShown(shown + PAGE)}>
            Show older
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ activity }: { activity: Activity }) {
  const [open, setOpen] = useState(false);
  const { icon: Icon, word } = KINDS[activity.kind];
  const state = STATES[activity.state];
  const more = Boolean(activity.detail || activity.error || activity.href);
  const took = activity.endedMs === null ? null : activity.endedMs - activity.startedMs;
  return (
    <li className="border-b border-line last:border-b-0">
      <button
        type="button"
        aria-expanded={more ? open : undefined}
        disabled={!more}
        onClick={() => setOpen(!open)}
        className="grid min-h-(--row-h) w-full grid-cols-[14px_16px_minmax(0,1fr)_84px_92px_72px_88px] items-center gap-3 px-3 text-left -outline-offset-2 enabled:hover:bg-hover"
      >
        <ChevronRight
          size={14}
          aria-hidden="true"
          className={cx('text-ink-3 transition-transform', open && 'rotate-90', !more && 'invisible')}
        />
        <Icon size={15} aria-hidden="true" className="text-ink-3" />
        <span className="truncate">
          <span className="font-medium">{activity.title}</span>
          {activity.detail && <span className="ml-2 text-xs text-ink-3">{activity.detail}</span>}
        </span>
        <span className="text-xs text-ink-3">{word}</span>
        <span className="text-xs">
          <StatusDot tone={state.tone}>{state.word}</StatusDot>
        </span>
        <span className="num text-right text-xs text-ink-3">{took ? formatDuration(took) : ''}</span>
        <span className="text-right text-xs text-ink-3">
          <TimeAgo ms={activity.startedMs} />
        </span>
      </button>
      {open && <Details activity={activity} />}
    </li>
  );
}

function Details({ activity }: { activity: Activity }) {
  const { error } = activity;
  const copy = async () => {
    const text = [activity.title, activity.detail, error ? reportAsText(error) : '']
      .filter(Boolean)
      .join('\n');
    if (await copyText(text)) toast.ok('Details copied');
  };
  return (
    <div className="bg-inset px-3 pt-2 pb-3 pl-18">
      {activity.detail && <p className="max-w-[90ch] break-words">{activity.detail}</p>}
      {error && (
        <div className="mt-1 max-w-[90ch] break-words">
          {error.cause !== activity.detail && <p>{error.cause}</p>}
          <p className="text-ink-2">{error.remedy}</p>
          <code className="text-ink-3">{error.code}</code>
        </div>
      )}
      <div className="mt-2 flex items-center gap-3 text-xs text-ink-3">
        <span className="num">{formatDateTime(activity.startedMs)}</span>
        {activity.href && <Link to={activity.href}>Show</Link>}
        <Button variant="ghost" size="sm" icon={ClipboardCopy} onClick={copy}>
          Copy details
        </Button>
      </div>
    </div>
  );
}
