/** What fired: per endpoint, worst first; J and K go through it, Enter opens, E acknowledges, S snoozes. */
import { BellOff, Check, ChevronDown, ChevronRight, Inbox as InboxIcon } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { type Alert, type Severity, titleWithin } from '../../../src-main/contract/alerts.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo, setQuery, useLocation } from '../../lib/router.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { windowText } from '../../lib/series-words.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { SnoozeMenu, useAcknowledge } from './alert-actions.tsx';
import { AlertStanding, SEVERITIES, SeverityIcon } from './alert-look.tsx';
import { AlertNumber } from './alert-number.tsx';
import { useInboxKeys } from './inbox-keys.ts';
import { type InboxFilter, type InboxRow, inboxOf, isWaiting, numberText } from './inbox-model.ts';

const PAGE = 500;

export function Inbox() {
  const { query } = useLocation();
  const state = query.state === 'all' ? 'all' : 'open';
  const filter: InboxFilter = {
    severity: SEVERITIES.find(({ value }) => value === query.severity)?.value ?? 'any',
    endpoint: query.endpoint ?? null,
  };
  const [shown, setShown] = useState({ state, pages: 1 });
  const pages = shown.state === state ? shown.pages : 1;
  const alerts = useData(
    ['alerts', 'list', state, pages],
    (rpc, signal) => readPages(rpc, state, pages, signal),
    { keep: true },
  );
  const endpoints = [...new Set(alerts.data?.alerts.map(({ endpoint }) => endpoint))].sort();
  if (filter.endpoint !== null && !endpoints.includes(filter.endpoint)) endpoints.push(filter.endpoint);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <SegmentedControl<'open' | 'all'>
          label="Which alerts"
          value={state}
          onChange={(value) => setQuery({ state: value === 'open' ? null : value })}
          options={[
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'All' },
          ]}
        />
        <SegmentedControl<Severity | 'any'>
          label="Severity"
          value={filter.severity}
          onChange={(value) => setQuery({ severity: value === 'any' ? null : value })}
          options={[{ value: 'any', label: 'Any severity' }, ...SEVERITIES]}
        />
        <div className="w-48">
          <Select
            label="Endpoint"
            hideLabel
            value={filter.endpoint ?? ''}
            onChange={(value) => setQuery({ endpoint: value || null })}
            options={[
              { value: '', label: 'All endpoints' },
              ...endpoints.map((value) => ({ value, label: value })),
            ]}
          />
        </div>
        <p className="ml-auto flex items-center gap-3 text-xs text-ink-3 max-lg:hidden">
          <span className="flex items-center gap-1.5">
            <Kbd keys="J" />
            <Kbd keys="K" /> move
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd keys="Enter" /> open
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd keys="E" /> acknowledge
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd keys="S" /> snooze
          </span>
        </p>
      </div>
      <QueryState query={alerts} what="The alerts">
        {(data) => (
          <>
            <Groups alerts={data.alerts} filter={filter} state={state} />
            {data.next === null ? null : (
              <div className="flex items-center justify-center gap-3 text-xs text-ink-3">
                The newest {formatCount(data.alerts.length)} are looked through.
                <Button
                  size="sm"
                  busy={alerts.isPlaceholderData}
                  onClick={() => setShown({ state, pages: pages + 1 })}
                >
                  Show older
                </Button>
              </div>
            )}
          </>
        )}
      </QueryState>
    </div>
  );
}

/** All pages anew, so that what moved from one to another while they were read is there once. */
async function readPages(rpc: Rpc, state: 'open' | 'all', pages: number, signal: AbortSignal) {
  const found = new Map<string, Alert>();
  let next: string | null = null;
  for (let page = 0; page < pages; page++) {
    const before: { before?: string } = next === null ? {} : { before: next };
    const answer = await rpc.alerts.list({ state, limit: PAGE, ...before }, { signal });
    for (const alert of answer.alerts) found.set(alert.id, alert);
    next = answer.next;
    if (next === null) break;
  }
  return { alerts: [...found.values()], next };
}

type GroupsProps = { alerts: readonly Alert[]; filter: InboxFilter; state: 'open' | 'all' };

function Groups({ alerts, filter, state }: GroupsProps) {
  // A snooze that ends moves its alert up; to the minute is soon enough.
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const { severity, endpoint } = filter;
  const groups = useMemo(
    () => inboxOf(alerts, { severity, endpoint }, minute),
    [alerts, severity, endpoint, minute],
  );
  const list = useRef<HTMLDivElement>(null);
  const acknowledge = useAcknowledge();
  useInboxKeys(list, (id) => {
    const alert = alerts.find((one) => one.id === id);
    if (alert && isWaiting(alert, Date.now())) acknowledge.mutate({ alert, note: '' });
  });
  if (groups.length === 0)
    return (
      <Panel>
        {severity === 'any' && endpoint === null ? (
          <EmptyState
            icon={InboxIcon}
            title={state === 'open' ? 'Nothing is firing' : 'Nothing has fired yet'}
            action={<Button onClick={() => navigate('/alerts?tab=rules')}>Look at the rules</Button>}
          >
            An alert comes here when a rule’s condition holds for long enough. It opens on its evidence: what
            moved, in which slice and version, and what changed before.
          </EmptyState>
        ) : (
          <EmptyState
            icon={InboxIcon}
            title="No alert fits this choice"
            action={
              <Button onClick={() => setQuery({ severity: null, endpoint: null })}>Show all of them</Button>
            }
          >
            {plural(alerts.length, 'alert')} {alerts.length === 1 ? 'is' : 'are'} of another severity or
            endpoint.
          </EmptyState>
        )}
      </Panel>
    );
  return (
    <div ref={list} className="flex flex-col gap-3">
      {groups.map((group) => (
        <Panel
          key={group.endpoint}
          title={
            <Link to={pathTo('monitoring', group.endpoint)} quiet>
              {group.endpoint}
            </Link>
          }
          hint={group.waiting > 0 ? `${formatCount(group.waiting)} to look at` : 'all looked at'}
          padded={false}
        >
          <ul aria-label={`Alerts of ${group.endpoint}`}>
            {group.rows.map((row) => (
              <Row
                key={row.alert.id}
                row={row}
                onAcknowledge={(alert) => acknowledge.mutate({ alert, note: '' })}
              />
            ))}
          </ul>
        </Panel>
      ))}
    </div>
  );
}

function Row({ row, onAcknowledge }: { row: InboxRow; onAcknowledge: (alert: Alert) => void }) {
  const { alert, explains } = row;
  const [open, setOpen] = useState(false);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <>
      <Item alert={alert} onAcknowledge={onAcknowledge}>
        {explains.length > 0 ? (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="relative z-1 inline-flex items-center gap-0.5 rounded-xs text-xs whitespace-nowrap text-accent hover:underline"
          >
            <Chevron size={12} aria-hidden="true" />
            explains {explains.length} more
          </button>
        ) : null}
      </Item>
      {open
        ? explains.map((one) => <Item key={one.id} alert={one} inner onAcknowledge={onAcknowledge} />)
        : null}
    </>
  );
}

type ItemProps = {
  alert: Alert;
  /** Folded under the alert that explains it. */
  inner?: boolean;
  onAcknowledge: (alert: Alert) => void;
  children?: React.ReactNode;
};

function Item({ alert, inner, onAcknowledge, children }: ItemProps) {
  const waiting = isWaiting(alert, useNow());
  const title = titleWithin(alert);
  return (
    <li
      className={cx(
        'relative grid grid-cols-[auto_minmax(0,1fr)_auto_auto] items-start gap-x-2.5 border-b border-line py-2 pr-2 last:border-b-0 focus-within:bg-hover hover:bg-hover',
        inner ? 'pl-9' : 'pl-3',
      )}
    >
      <span className="pt-0.5">
        <SeverityIcon alert={alert} />
      </span>
      <div className="min-w-0">
        <p className="flex min-w-0 items-center gap-2">
          <Link
            to={pathTo('alerts', alert.id)}
            quiet
            data-alert={alert.id}
            className={cx(
              'min-w-0 truncate after:absolute after:inset-0',
              waiting ? 'font-semibold' : 'text-ink-2',
            )}
          >
            {title}
          </Link>
          <AlertStanding alert={alert} />
          {children}
        </p>
        <p className="text-xs text-pretty text-ink-2">{alert.text}</p>
      </div>
      <div className="num w-40 text-right text-xs text-ink-3 max-lg:w-28">
        <p className="text-ink-2">
          <span className="relative z-1 font-medium">
            <AlertNumber alert={alert} value={alert.value} n={alert.n} />
          </span>
          {alert.limit === null ? null : (
            <span className="text-ink-3 max-lg:sr-only"> limit {numberText(alert, alert.limit)}</span>
          )}
        </p>
        <p title={`Window of ${windowText(alert.windowMs, alert.per)}, UTC`}>
          <TimeAgo ms={alert.openedMs} />
        </p>
      </div>
      <div className="relative z-1 flex w-13 justify-end">
        {alert.state === 'firing' ? (
          <>
            {alert.acknowledged ? null : (
              <IconButton
                icon={Check}
                size="sm"
                label={`Acknowledge: ${title}`}
                keys="E"
                onClick={() => onAcknowledge(alert)}
              />
            )}
            <SnoozeMenu
              alert={alert}
              trigger={<IconButton icon={BellOff} size="sm" label={`Snooze: ${title}`} data-snooze="" />}
            />
          </>
        ) : null}
      </div>
    </li>
  );
}
