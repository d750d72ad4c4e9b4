/** What happened to the endpoint, as flags on the time axis: words on hover and focus, all of them on a click. */
import { Bookmark, Box, type LucideIcon, Play, Split, Tag, TriangleAlert } from 'lucide-react';
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import type { LaneAxis } from '../../charts/lane-rules.ts';
import { formatDateTime } from '../../lib/format.ts';
import { cx } from '../../ui/cx.ts';
import { Link } from '../../ui/Link.tsx';
import { Popover } from '../../ui/Popover.tsx';
import type { EventFlag } from './event-flags.ts';

const KINDS: Readonly<Record<ChangeEvent['kind'], { icon: LucideIcon; word: string; look: string }>> = {
  alert: { icon: TriangleAlert, word: 'Alert', look: 'text-bad' },
  version: { icon: Box, word: 'Version', look: 'text-accent' },
  route: { icon: Split, word: 'Route', look: 'text-accent' },
  reference: { icon: Bookmark, word: 'Reference', look: 'text-ink-2' },
  replay: { icon: Play, word: 'Replay', look: 'text-ink-2' },
  labels: { icon: Tag, word: 'Labels', look: 'text-ink-2' },
};
/** What a flag shows when several events share it. */
const ORDER: readonly ChangeEvent['kind'][] = ['alert', 'version', 'route', 'reference', 'labels', 'replay'];

type EventMarksProps = {
  flags: readonly EventFlag[];
  axis: LaneAxis;
  /** Why they could not be read. */
  failure: string | null;
  onPoint: (at: number | null) => void;
};

export function EventMarks({ flags, axis, failure, onPoint }: EventMarksProps) {
  if (flags.length === 0)
    return (
      <p className="flex h-6 items-center text-xs text-ink-3">
        {failure ?? 'Nothing happened in this range.'}
      </p>
    );
  return (
    <ul aria-label="Events" className="relative h-6">
      {flags.map((flag) => {
        const kind = ORDER.find((one) => flag.events.some((event) => event.kind === one)) ?? 'route';
        const { icon: Icon, look } = KINDS[kind];
        const words = flag.events.map(({ title }) => title);
        return (
          <li
            key={flag.at}
            className="absolute top-0 -translate-x-1/2"
            style={{ left: ((flag.at - axis.from) / (axis.to - axis.from)) * axis.width }}
          >
            <Popover
              label="What happened"
              align="start"
              tip={<Words flag={flag} />}
              trigger={
                <button
                  type="button"
                  aria-label={`${words.length > 1 ? `${words.length} events, ` : ''}${formatDateTime(flag.at, true)}: ${words.join('; ')}`}
                  onPointerEnter={() => onPoint(flag.at)}
                  onPointerLeave={() => onPoint(null)}
                  onFocus={() => onPoint(flag.at)}
                  onBlur={() => onPoint(null)}
                  className={cx(
                    'flex h-5 min-w-5 items-center justify-center gap-0.5 rounded-sm border px-0.5 border-line bg-surface text-2xs hover:bg-hover',
                    look,
                  )}
                >
                  <Icon size={12} aria-hidden="true" />
                  {flag.events.length > 1 ? <span className="num">{flag.events.length}</span> : null}
                </button>
              }
            >
              <ul className="flex flex-col gap-2.5">
                {flag.events.toReversed().map((event) => (
                  <EventEntry key={`${event.atMs}-${event.title}`} event={event} />
                ))}
              </ul>
            </Popover>
          </li>
        );
      })}
    </ul>
  );
}

const SAID = 4;

function Words({ flag }: { flag: EventFlag }) {
  const shown = flag.events.slice(-SAID).reverse();
  return (
    <span className="flex flex-col">
      {shown.map(({ atMs, eventMs, title, kind }) => (
        <span key={`${atMs}-${title}`}>
          <span className="num text-ink-3">{formatDateTime(eventMs, true)}</span> {KINDS[kind].word}: {title}
        </span>
      ))}
      {flag.events.length > SAID ? (
        <span className="text-ink-3">and {flag.events.length - SAID} more</span>
      ) : null}
    </span>
  );
}

function EventEntry({ event }: { event: ChangeEvent }) {
  const { icon: Icon, word, look } = KINDS[event.kind];
  return (
    <li className="flex gap-2">
      <Icon size={14} aria-hidden="true" className={`mt-0.5 shrink-0 ${look}`} />
      <div className="min-w-0">
        <p className="font-medium break-words">
          {event.href ? <Link to={event.href}>{event.title}</Link> : event.title}
        </p>
        <p className="num text-xs text-ink-3">
          {word} · {formatDateTime(event.eventMs, true)} UTC
        </p>
        {event.detail ? <p className="text-xs break-words text-ink-2">{event.detail}</p> : null}
      </div>
    </li>
  );
}
