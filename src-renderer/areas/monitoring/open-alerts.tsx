/** The endpoint's open alerts, gravest first; an alert that another one explains stands behind it. */
import { Bell, BellOff } from 'lucide-react';
import { type Severity, titleWithin } from '../../../src-main/contract/alerts.ts';
import { plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { windowText } from '../../lib/series-words.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Link } from '../../ui/Link.tsx';
import type { Tone } from '../../ui/tone.ts';
import { leading } from './watched-rules.ts';

const SEVERITY: Readonly<Record<Severity, Tone>> = {
  critical: 'bad',
  warning: 'warn',
  info: 'info',
};

const SHOWN = 3;

export function OpenAlerts({ endpoint }: { endpoint: string }) {
  const alerts = useData(['alerts', 'list', endpoint, 'open'], (rpc, signal) =>
    rpc.alerts.list({ endpoint, state: 'open' }, { signal }),
  );
  if (!alerts.data || alerts.data.open === 0) return null;
  const shown = leading(alerts.data.alerts);
  const more = alerts.data.open - Math.min(SHOWN, shown.length);
  return (
    <ul aria-label="Open alerts" className="border-t border-line">
      {shown.slice(0, SHOWN).map((alert) => (
        <li
          key={alert.id}
          className="flex min-h-(--row-h) items-center gap-3 border-b border-line px-3 last:border-b-0"
        >
          <span className="w-16 shrink-0">
            <Badge tone={SEVERITY[alert.severity]}>{alert.severity}</Badge>
          </span>
          <Link to={pathTo('alerts', alert.id)} quiet className="min-w-0 flex-1 truncate font-medium">
            {titleWithin(alert)}
          </Link>
          <span className="num shrink-0 text-xs text-ink-3">
            since {windowText(alert.windowMs, alert.per)}
          </span>
          {alert.acknowledged ? (
            <span className="shrink-0 text-xs text-ink-3">acknowledged</span>
          ) : alert.snoozedUntilMs ? (
            <BellOff size={13} aria-label="snoozed" className="shrink-0 text-ink-3" />
          ) : (
            <Bell size={13} aria-label="not acknowledged" className="shrink-0 text-ink-3" />
          )}
        </li>
      ))}
      {more > 0 ? (
        <li className="px-3 py-1.5 text-xs">
          <Link to={`/alerts?endpoint=${encodeURIComponent(endpoint)}`}>
            {plural(more, 'more open alert')}
          </Link>
        </li>
      ) : null}
    </ul>
  );
}
