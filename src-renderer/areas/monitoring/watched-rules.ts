/** Which endpoint, and which alert, needs a look first. Pure. */
import type { Alert, Severity } from '../../../src-main/contract/alerts.ts';
import type { HealthWords } from './health-words.ts';

export type OpenCount = { critical: number; warning: number; info: number; waiting: number };

/** Open alerts by endpoint; `waiting` are those that nobody has acknowledged or put off. */
export function openByEndpoint(alerts: readonly Alert[], nowMs: number): Map<string, OpenCount> {
  const counts = new Map<string, OpenCount>();
  for (const alert of alerts) {
    if (alert.state !== 'firing') continue;
    const known = counts.get(alert.endpoint) ?? { critical: 0, warning: 0, info: 0, waiting: 0 };
    known[alert.severity] += 1;
    if (alert.acknowledged === null && (alert.snoozedUntilMs ?? 0) <= nowMs) known.waiting += 1;
    counts.set(alert.endpoint, known);
  }
  return counts;
}

const TONES: Readonly<Record<HealthWords['tone'], number>> = { bad: 3, warn: 2, neutral: 1, ok: 0 };

type Urgent = { tone: HealthWords['tone']; open: OpenCount | undefined; share: number };

/** Larger is more urgent: critical alerts, then what is going on, then warnings, then the share that drifted. */
export function urgencyOf({ tone, open, share }: Urgent): number {
  const critical = Math.min(99, open?.critical ?? 0);
  const warning = Math.min(99, open?.warning ?? 0);
  return critical * 1e6 + TONES[tone] * 1e4 + warning * 1e2 + Math.min(1, share) * 99;
}

const GRAVITY: Readonly<Record<Severity, number>> = { critical: 2, warning: 1, info: 0 };

/** Gravest first, then newest; what another open alert explains is left out. */
export function leading(alerts: readonly Alert[]): Alert[] {
  const open = new Set(alerts.map(({ id }) => id));
  return alerts
    .filter(({ explainedBy }) => explainedBy === null || !open.has(explainedBy))
    .toSorted((a, b) => GRAVITY[b.severity] - GRAVITY[a.severity] || b.openedMs - a.openedMs);
}
