/** How grave an alert is and how it stands, as a mark and a word. */
import { BellOff, Check, CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { Alert, AlertRule, Severity } from '../../../src-main/contract/alerts.ts';
import { formatDateTime } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/Badge.tsx';
import { TONE_TEXT, type Tone } from '../../ui/tone.ts';
import { isSnoozed } from './inbox-model.ts';

export const SEVERITY: Readonly<Record<Severity, { tone: Tone; word: string; icon: LucideIcon }>> = {
  critical: { tone: 'bad', word: 'Critical', icon: CircleAlert },
  warning: { tone: 'warn', word: 'Warning', icon: TriangleAlert },
  info: { tone: 'info', word: 'For information', icon: Info },
};

export const SEVERITIES = [
  { value: 'critical', label: 'Critical' },
  { value: 'warning', label: 'Warning' },
  { value: 'info', label: 'Info' },
] as const satisfies readonly { value: Severity; label: string }[];

export const RULE_STATE: Readonly<Record<AlertRule['state'], { tone: Tone; word: string }>> = {
  ok: { tone: 'ok', word: 'Quiet' },
  pending: { tone: 'warn', word: 'Pending' },
  firing: { tone: 'bad', word: 'Firing' },
  'no-data': { tone: 'neutral', word: 'No data' },
  off: { tone: 'neutral', word: 'Off' },
};

export function SeverityIcon({
  alert,
  size = 15,
}: {
  alert: Pick<Alert, 'severity' | 'state'>;
  size?: number;
}) {
  const { icon: Icon, tone, word } = SEVERITY[alert.severity];
  if (alert.state === 'resolved')
    return <CircleCheck size={size} aria-label={`${word}, over`} className="shrink-0 text-ink-3" />;
  return <Icon size={size} aria-label={word} className={`shrink-0 ${TONE_TEXT[tone]}`} />;
}

/** What somebody did about it, or that it is over. */
export function AlertStanding({ alert }: { alert: Alert }) {
  const now = useNow();
  if (alert.state === 'resolved') return <Badge>Over</Badge>;
  if (isSnoozed(alert, now))
    return <Badge icon={BellOff}>Until {formatDateTime(alert.snoozedUntilMs)}</Badge>;
  if (alert.acknowledged)
    return (
      <span title={alert.acknowledged.note || undefined}>
        <Badge icon={Check}>Acknowledged</Badge>
      </span>
    );
  return null;
}
