import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../src-main/contract/alerts.ts';
import { groupChanges, inboxOf, isWaiting, numberText, snoozeChoices } from './inbox-model.ts';

const NOW = 1_000_000;
const ALL = { severity: 'any', endpoint: null } as const;
let next = 0;
const alert = (more: Partial<Alert> = {}): Alert => ({
  id: `a${next++}`,
  ruleId: 'r',
  endpoint: 'flights',
  severity: 'warning',
  state: 'firing',
  title: 'PSI of temp is high',
  text: '',
  series: { of: 'volume' },
  per: 'day',
  arm: null,
  slice: null,
  version: '1',
  openedMs: 100,
  windowMs: 0,
  resolvedMs: null,
  value: 1,
  limit: 0.5,
  n: 10,
  acknowledged: null,
  was: false,
  overMs: null,
  snoozedUntilMs: null,
  explainedBy: null,
  ...more,
});
const shown = (alerts: Alert[]) =>
  inboxOf(alerts, ALL, NOW).map(({ endpoint, rows }) => [
    endpoint,
    rows.map(({ alert: { id }, explains }) => [id, explains.map((one) => one.id)]),
  ]);

describe('the inbox', () => {
  test('what is explained lies under what explains it, however long the chain', () => {
    const alerts = [
      alert({ id: 'drift', explainedBy: 'missing' }),
      alert({ id: 'score', explainedBy: 'drift' }),
      alert({ id: 'missing' }),
      alert({ id: 'other', explainedBy: 'not-in-the-list' }),
    ];
    expect(shown(alerts)).toEqual([
      [
        'flights',
        [
          ['missing', ['drift', 'score']],
          ['other', []],
        ],
      ],
    ]);
  });

  test('what waits comes first, then the worse, then the newer', () => {
    const alerts = [
      alert({ id: 'resolved', severity: 'critical', state: 'resolved' }),
      alert({ id: 'seen', severity: 'critical', acknowledged: { atMs: 1, note: '' } }),
      alert({ id: 'put-off', severity: 'info', snoozedUntilMs: NOW + 1 }),
      alert({ id: 'old', openedMs: 1 }),
      alert({ id: 'new', openedMs: 2 }),
      alert({ id: 'worst', severity: 'critical', openedMs: 0 }),
      alert({ id: 'elsewhere', endpoint: 'prices', severity: 'info', snoozedUntilMs: NOW - 1 }),
    ];
    expect(shown(alerts)).toEqual([
      ['flights', ['worst', 'new', 'old', 'seen', 'put-off', 'resolved'].map((id) => [id, []])],
      ['prices', [['elsewhere', []]]],
    ]);
    expect(inboxOf(alerts, ALL, NOW).map(({ waiting }) => waiting)).toEqual([3, 1]);
  });

  test('filters leave what explains away and keep what it explained', () => {
    const alerts = [
      alert({ id: 'cause', severity: 'info' }),
      alert({ id: 'effect', severity: 'critical', explainedBy: 'cause' }),
      alert({ id: 'far', endpoint: 'prices', severity: 'critical' }),
    ];
    const rows = inboxOf(alerts, { severity: 'critical', endpoint: 'flights' }, NOW);
    expect(rows.flatMap((group) => group.rows.map((row) => row.alert.id))).toEqual(['effect']);
  });

  test('no alert is lost or shown twice, circles included', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ id: fc.constantFrom(...ids), by: fc.option(fc.constantFrom(...ids)) }), {
          selector: ({ id }) => id,
        }),
        (links) => {
          const alerts = links.map(({ id, by }) => alert({ id, explainedBy: by }));
          const seen = inboxOf(alerts, ALL, NOW).flatMap(({ rows }) =>
            rows.flatMap((row) => [row.alert.id, ...row.explains.map((one) => one.id)]),
          );
          expect(seen.sort()).toEqual(alerts.map(({ id }) => id).sort());
        },
      ),
    );
  });

  test('an alert waits until somebody deals with it or it is over', () => {
    expect(isWaiting(alert(), NOW)).toBe(true);
    expect(isWaiting(alert({ acknowledged: { atMs: 1, note: '' } }), NOW)).toBe(false);
    expect(isWaiting(alert({ snoozedUntilMs: NOW + 1 }), NOW)).toBe(false);
    expect(isWaiting(alert({ state: 'resolved' }), NOW)).toBe(false);
  });
});

test('snoozing always ends later than now, in the morning at nine', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (now) => {
      const choices = snoozeChoices(now);
      for (const { untilMs } of choices) expect(untilMs).toBeGreaterThan(now);
      const morning = choices.find(({ id }) => id === 'morning');
      expect(new Date(morning?.untilMs ?? 0).getHours()).toBe(9);
    }),
  );
});

test('what happened again and again stands once, at its newest', () => {
  const change = (atMs: number, title: string) => ({
    atMs,
    eventMs: null,
    kind: 'alert' as const,
    title,
    detail: '',
    href: null,
  });
  const grouped = groupChanges([change(1, 'a'), change(3, 'a'), change(2, 'b')]);
  expect(grouped.map(({ change: { atMs, title }, times }) => [title, atMs, times])).toEqual([
    ['a', 3, 2],
    ['b', 2, 1],
  ]);
});

test('a burn rate is written as the multiple that it is, whatever its series is counted in', () => {
  const accuracy: Alert['series'] = { of: 'performance', metric: 'accuracy' };
  const burns = alert({ series: accuracy, title: 'Accuracy burns 14.4 times its budget on flights' });
  expect(numberText(burns, 14.4)).toBe('14.4 times');
  expect(numberText(burns, null)).toBe('–');
  expect(numberText(alert({ series: accuracy, title: 'Accuracy is 71.2 % on flights' }), 0.712)).toMatch(
    /^71.2.%$/,
  );
});
