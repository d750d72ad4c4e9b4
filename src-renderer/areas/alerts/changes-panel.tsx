/** What changed lately: deploys, routes, references, data. Newest first. */
import { Bell, Database, Import, type LucideIcon, Package, Play, Split } from 'lucide-react';
import type { ChangeEvent } from '../../../src-main/contract/alerts.ts';
import { formatDateTime, plural } from '../../lib/format.ts';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { groupChanges } from './inbox-model.ts';

const KINDS: Readonly<Record<ChangeEvent['kind'], { icon: LucideIcon; word: string }>> = {
  route: { icon: Split, word: 'Route' },
  version: { icon: Package, word: 'Model version' },
  reference: { icon: Database, word: 'Reference' },
  replay: { icon: Play, word: 'Replay' },
  labels: { icon: Import, word: 'Labels' },
  alert: { icon: Bell, word: 'Alert' },
};

export function ChangesPanel({ endpoint, changes }: { endpoint: string; changes: readonly ChangeEvent[] }) {
  const newest = groupChanges(changes.filter(({ kind }) => kind !== 'alert'));
  const alerts = changes.length - newest.reduce((sum, { times }) => sum + times, 0);
  return (
    <Panel title="What changed lately" hint="before it fired" padded={newest.length === 0}>
      {newest.length === 0 ? (
        <p className="text-ink-3">No deploy, route, reference or data import came before it.</p>
      ) : (
        <ScrollRegion label="Changes before it" className="max-h-96 -outline-offset-2">
          <ol>
            {newest.map(({ change, times }) => (
              <Change key={`${change.kind} ${change.atMs} ${change.title}`} change={change} times={times} />
            ))}
          </ol>
        </ScrollRegion>
      )}
      {alerts > 0 ? (
        <p className={`text-xs ${newest.length === 0 ? 'mt-2' : 'border-t border-line px-3 py-2'}`}>
          <Link to={`/alerts?state=all&endpoint=${encodeURIComponent(endpoint)}`}>
            {plural(alerts, 'other alert')} before it
          </Link>
        </p>
      ) : null}
    </Panel>
  );
}

function Change({ change, times }: { change: ChangeEvent; times: number }) {
  const { icon: Icon, word } = KINDS[change.kind];
  return (
    <li className="flex items-start gap-2.5 border-b border-line px-3 py-2 last:border-b-0">
      <Icon size={14} aria-label={word} className="mt-[3px] shrink-0 text-ink-3" />
      <div className="min-w-0 flex-1">
        <p className="break-words">
          {change.href ? (
            <Link to={change.href} quiet>
              {change.title}
            </Link>
          ) : (
            change.title
          )}
        </p>
        {change.detail ? <p className="text-xs break-words text-ink-2">{change.detail}</p> : null}
        <p className="text-xs text-ink-3" title={formatDateTime(change.atMs)}>
          <TimeAgo ms={change.atMs} />
          {times > 1 ? `, and ${plural(times - 1, 'time')} before` : ''}
        </p>
      </div>
    </li>
  );
}
