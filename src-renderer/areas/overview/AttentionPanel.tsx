import type { UseQueryResult } from '@tanstack/react-query';
import { ChevronRight, CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { Attention, Overview } from '../../../src-main/contract/overview.ts';
import { formatDate, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { TONE_TEXT, type Tone } from '../../ui/tone.ts';

const LEVELS: Record<Attention['level'], { icon: LucideIcon; tone: Tone; word: string }> = {
  critical: { icon: CircleAlert, tone: 'bad', word: 'Critical' },
  warning: { icon: TriangleAlert, tone: 'warn', word: 'Warning' },
  info: { icon: Info, tone: 'info', word: 'For information' },
};

/** Worst first, each with what to do about it. */
export function AttentionPanel({ query }: { query: UseQueryResult<Overview> }) {
  const count = query.data?.attention.length ?? 0;
  return (
    <Panel title="Needs attention" hint={count > 0 ? plural(count, 'item') : undefined} padded={false}>
      <QueryState query={query} what="The overview">
        {({ attention }) =>
          attention.length === 0 ? (
            <p className="flex items-center gap-2.5 px-3 py-3 text-ink-2">
              <CircleCheck size={15} aria-hidden="true" className="text-ok" />
              Nothing needs you right now.
            </p>
          ) : (
            <ul>
              {attention.map((item) => (
                <Item key={item.id} item={item} />
              ))}
            </ul>
          )
        }
      </QueryState>
    </Panel>
  );
}

function Item({ item }: { item: Attention }) {
  const { icon: Icon, tone, word } = LEVELS[item.level];
  return (
    <li className="relative flex items-start gap-2.5 border-b border-line px-3 py-2.5 last:border-b-0 has-[a]:hover:bg-hover">
      <Icon size={15} aria-hidden="true" className={`mt-0.5 shrink-0 ${TONE_TEXT[tone]}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">
          <span className="sr-only">{word}: </span>
          {item.href ? (
            <Link to={item.href} quiet className="after:absolute after:inset-0">
              {item.title}
            </Link>
          ) : (
            item.title
          )}
        </p>
        <p className="break-words text-ink-2">{item.detail}</p>
        {item.error && (
          <p className="mt-0.5 break-words text-ink-2">
            {item.error.remedy} <code className="text-ink-3">{item.error.code}</code>
          </p>
        )}
      </div>
      {item.sinceMs !== null && (
        <span className="shrink-0 text-xs leading-5 text-ink-3">
          <Since ms={item.sinceMs} />
        </span>
      )}
      {item.href && <ChevronRight size={14} aria-hidden="true" className="mt-[3px] shrink-0 text-ink-3" />}
    </li>
  );
}

const YEAR_MS = 365 * 86_400_000;

/** Replayed data has its own, older time: then the date says more than "13 y ago". */
function Since({ ms }: { ms: number }) {
  return useNow() - ms > YEAR_MS ? <span className="num">{formatDate(ms, true)}</span> : <TimeAgo ms={ms} />;
}
