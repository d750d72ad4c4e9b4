/** The inbox as it is shown: grouped by endpoint, worst first, what is explained folded under what explains it. Pure. */
import {
  type Alert,
  type ChangeEvent,
  isBurnTitle,
  type Severity,
} from '../../../src-main/contract/alerts.ts';
import { formatNumber } from '../../lib/format.ts';
import { unitOf, valueText } from '../../lib/series-words.ts';

export type InboxRow = { alert: Alert; explains: readonly Alert[] };
export type InboxGroup = { endpoint: string; rows: readonly InboxRow[]; waiting: number };
export type InboxFilter = { severity: Severity | 'any'; endpoint: string | null };

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Nobody has dealt with it: it fires, and is neither acknowledged nor put off. */
export const isWaiting = (alert: Alert, nowMs: number): boolean =>
  alert.state === 'firing' && alert.acknowledged === null && !isSnoozed(alert, nowMs);

export const isSnoozed = ({ snoozedUntilMs }: Alert, nowMs: number): boolean =>
  snoozedUntilMs !== null && snoozedUntilMs > nowMs;

/** A value, a limit or a reference of an alert. */
export const numberText = (alert: Pick<Alert, 'title' | 'series'>, value: number | null): string =>
  isBurnTitle(alert.title) && value !== null
    ? `${formatNumber(value, 3)} times`
    : valueText(value, unitOf(alert.series));

export function inboxOf(alerts: readonly Alert[], filter: InboxFilter, nowMs: number): InboxGroup[] {
  const kept = alerts.filter(
    ({ severity, endpoint }) =>
      (filter.severity === 'any' || severity === filter.severity) &&
      (filter.endpoint === null || endpoint === filter.endpoint),
  );
  const roots = rootsOf(kept);
  const rows = new Map<string, Alert[]>();
  for (const alert of kept) {
    const root = roots.get(alert.id) ?? alert.id;
    const under = rows.get(root) ?? [];
    if (root !== alert.id) under.push(alert);
    rows.set(root, under);
  }
  const order = (a: Alert, b: Alert) => compare(a, b, nowMs);
  const groups = new Map<string, InboxRow[]>();
  for (const alert of kept.filter(({ id }) => rows.has(id)).sort(order)) {
    const group = groups.get(alert.endpoint) ?? [];
    group.push({ alert, explains: (rows.get(alert.id) ?? []).sort(order) });
    groups.set(alert.endpoint, group);
  }
  // Rows came in order, so the endpoint with the worst alert is the first.
  return [...groups].map(([endpoint, of]) => ({
    endpoint,
    rows: of,
    waiting: of
      .flatMap(({ alert, explains }) => [alert, ...explains])
      .filter((alert) => isWaiting(alert, nowMs)).length,
  }));
}

/** The outermost explanation that is in the list; an explanation that goes in a circle explains nothing. */
function rootsOf(alerts: readonly Alert[]): Map<string, string> {
  const known = new Map(alerts.map((alert) => [alert.id, alert]));
  const roots = new Map<string, string>();
  for (const alert of alerts) {
    const seen = new Set([alert.id]);
    let at = alert;
    for (;;) {
      const next = at.explainedBy === null ? undefined : known.get(at.explainedBy);
      if (!next) break;
      if (seen.has(next.id)) {
        at = alert;
        break;
      }
      seen.add(next.id);
      at = next;
    }
    roots.set(alert.id, at.id);
  }
  return roots;
}

/** What waits before what is dealt with, then the worse, then the newer. */
function compare(a: Alert, b: Alert, nowMs: number): number {
  const place = (alert: Alert) => (alert.state === 'resolved' ? 2 : isWaiting(alert, nowMs) ? 0 : 1);
  return place(a) - place(b) || RANK[a.severity] - RANK[b.severity] || b.openedMs - a.openedMs;
}

/** Ways to put an alert off, from now in the reader's own day. */
export function snoozeChoices(nowMs: number): { id: string; label: string; untilMs: number }[] {
  const morning = new Date(nowMs);
  morning.setHours(9, 0, 0, 0);
  if (morning.getTime() <= nowMs + 30 * 60_000) morning.setDate(morning.getDate() + 1);
  return [
    { id: 'hour', label: 'For an hour', untilMs: nowMs + 3_600_000 },
    { id: 'four', label: 'For 4 hours', untilMs: nowMs + 4 * 3_600_000 },
    { id: 'morning', label: 'Until 9 in the morning', untilMs: morning.getTime() },
    { id: 'week', label: 'For a week', untilMs: nowMs + 7 * 86_400_000 },
  ];
}

/** Newest first; what happened again and again stands once, with how often. */
export function groupChanges(changes: readonly ChangeEvent[]): { change: ChangeEvent; times: number }[] {
  const groups = new Map<string, { change: ChangeEvent; times: number }>();
  for (const change of [...changes].sort((a, b) => b.atMs - a.atMs)) {
    const key = `${change.kind} ${change.title}`;
    const known = groups.get(key);
    if (known) known.times += 1;
    else groups.set(key, { change, times: 1 });
  }
  return [...groups.values()];
}
