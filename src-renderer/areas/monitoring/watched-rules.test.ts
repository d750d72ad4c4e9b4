import { expect, test } from 'vitest';
import type { Alert } from '../../../src-main/contract/alerts.ts';
import { leading, openByEndpoint, urgencyOf } from './watched-rules.ts';

const alert = (endpoint: string, more: Partial<Alert> = {}): Alert => ({
  id: 'a',
  ruleId: 'r',
  endpoint,
  severity: 'warning',
  state: 'firing',
  title: '',
  text: '',
  series: { of: 'volume' },
  per: 'day',
  arm: null,
  slice: null,
  version: null,
  openedMs: 0,
  windowMs: 0,
  resolvedMs: null,
  value: null,
  limit: null,
  n: 0,
  acknowledged: null,
  was: false,
  overMs: null,
  snoozedUntilMs: null,
  explainedBy: null,
  ...more,
});

test('open alerts are counted by endpoint; those that wait for somebody apart', () => {
  const counts = openByEndpoint(
    [
      alert('a'),
      alert('a', { severity: 'critical', acknowledged: { atMs: 1, note: '' } }),
      alert('a', { snoozedUntilMs: 100 }),
      alert('a', { snoozedUntilMs: 10 }),
      alert('b', { state: 'resolved' }),
    ],
    50,
  );
  expect(counts.get('a')).toEqual({ critical: 1, warning: 3, info: 0, waiting: 2 });
  expect(counts.has('b')).toBe(false);
});

test('critical alerts come before all, then what is going on, then warnings, then drift', () => {
  const open = { critical: 0, warning: 0, info: 0, waiting: 0 };
  const order = [
    urgencyOf({ tone: 'ok', open: { ...open, critical: 1 }, share: 0 }),
    urgencyOf({ tone: 'bad', open, share: 0 }),
    urgencyOf({ tone: 'warn', open: { ...open, warning: 9 }, share: 1 }),
    urgencyOf({ tone: 'neutral', open: undefined, share: 0 }),
    urgencyOf({ tone: 'ok', open: { ...open, warning: 500 }, share: 0.5 }),
    urgencyOf({ tone: 'ok', open, share: 0.5 }),
    urgencyOf({ tone: 'ok', open: undefined, share: 0 }),
  ];
  expect(order).toEqual([...order].sort((a, b) => b - a));
  expect(new Set(order).size).toBe(order.length);
});

test('the gravest alert leads, and one that another open alert explains does not', () => {
  const cause = alert('a', { id: 'missing', severity: 'critical', openedMs: 1 });
  const effect = alert('a', { id: 'drift', explainedBy: 'missing', openedMs: 9 });
  const orphan = alert('a', { id: 'orphan', explainedBy: 'gone', openedMs: 2 });
  const newer = alert('a', { id: 'newer', openedMs: 3 });
  expect(leading([effect, orphan, newer, cause]).map(({ id }) => id)).toEqual(['missing', 'newer', 'orphan']);
});
