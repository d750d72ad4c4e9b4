/** Rules that find something on a real workspace: once, with evidence, and over again when it is over. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../../contract/activity.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { RouteChange } from '../../../contract/serving-route.ts';
import {
  type AlertsWorld,
  alertsOn,
  DAY,
  day,
  days,
  ENDPOINT,
  openAlertsWorld,
  rule,
  series,
  T0,
} from './testing-alerts.ts';

let world: AlertsWorld;
beforeEach(async () => {
  world = await openAlertsWorld();
});
afterEach(() => world.close());

const drift = (...values: (number | null)[]) => world.data.set('drift', series(days(...values)));
const only = async () => (await world.alerts.rules(ENDPOINT))[0];

describe('a breach', () => {
  it('makes one alert, however often it is judged, and one more when it comes again', async () => {
    await world.alerts.createRule(rule({ forWindows: 2 }));
    drift(0.1, 0.1);
    expect(await world.judge()).toEqual([]);
    drift(0.1, 0.1, 0.4);
    await world.judge();
    expect(await only()).toMatchObject({ state: 'pending', problem: null });
    drift(0.1, 0.1, 0.4, 0.5);
    const [alert] = await world.judge();
    expect(alert).toMatchObject({
      ...{ state: 'firing', windowMs: T0 + 3 * DAY, value: 0.5, limit: 0.25, n: 1_000, version: '1' },
      title: 'PSI of carrier is 0.5 on flight-delay',
      text: 'The limit is 0.25; it was passed for 2 days running, up to the day of 2026-01-04, on 1,000 rows.',
    });
    for (let again = 0; again < 3; again++) await world.judge();
    drift(0.1, 0.1, 0.4, 0.5, 0.6, 0.22);
    expect(await world.judge()).toMatchObject([{ id: alert?.id }]);
    expect(await only()).toMatchObject({ state: 'firing' });
    drift(0.1, 0.1, 0.4, 0.5, 0.6, 0.22, 0.1);
    expect(await world.judge()).toEqual([]);
    expect(await world.historyOf(alert?.id as string)).toEqual(['fired', 'resolved']);
    drift(0.1, 0.1, 0.4, 0.5, 0.6, 0.22, 0.1, 0.3, 0.3);
    expect(await world.judge()).toMatchObject([{ windowMs: T0 + 8 * DAY }]);
    expect(world.all()).toHaveLength(2);
  });

  it('is told once when the engine starts again, and goes on', async () => {
    await world.alerts.createRule(rule());
    drift(0.1, 0.4);
    const [alert] = await world.judge();
    const next = alertsOn(world.context);
    next.data.set('drift', series(days(0.1, 0.4, 0.5)));
    expect(await next.judge()).toMatchObject([{ id: alert?.id }]);
    next.data.set('drift', series(days(0.1, 0.4, 0.5, 0.1)));
    expect(await next.judge()).toEqual([]);
    expect(next.all()).toMatchObject([{ id: alert?.id, state: 'resolved' }]);
    await next.area.close();
  });

  it('that began and ended while nobody looked is in the history', async () => {
    await world.alerts.createRule(rule());
    drift(0.1);
    await world.judge();
    drift(0.1, 0.5, 0.1, 0.1);
    expect(await world.judge()).toEqual([]);
    expect(world.all()).toMatchObject([{ state: 'resolved', windowMs: T0 + DAY }]);
  });

  it('of long ago is not told when the rule is made', async () => {
    drift(0.5, 0.5, 0.1);
    await world.alerts.createRule(rule());
    expect(await world.judge()).toEqual([]);
    expect(world.all()).toEqual([]);
  });

  it('of any input is an alert for each', async () => {
    await world.alerts.createRule(rule({ series: { of: 'drift', feature: '*' } }));
    world.data.set('drift carrier', series(days(0.5)));
    world.data.set('drift dep_delay', series(days(0.6)));
    const open = await world.judge();
    expect(open.map((alert) => alert.series)).toEqual([
      { of: 'drift', feature: 'dep_delay', method: 'lathe.psi.frozen@1' },
      { of: 'drift', feature: 'carrier', method: 'lathe.psi.frozen@1' },
    ]);
    world.data.set('drift carrier', series(days(0.5, 0.1)));
    expect(await world.judge()).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'firing', says: 'PSI of any input above 0.25 in one day' });
    // One that cannot be read keeps the others from nothing.
    world.data.set(
      'drift carrier',
      new LatheError('LATHE_NOT_FOUND', { kind: 'watched feature', name: 'carrier' }),
    );
    world.data.set('drift dep_delay', series(days(0.6, 0.1)));
    expect(await world.judge()).toEqual([]);
    expect((await only())?.problem).toBeNull();
  });
});

describe('what is not known', () => {
  beforeEach(async () => {
    await world.alerts.createRule(rule());
  });

  it('neither fires nor resolves: gaps, no rows, NaN, labels to come', async () => {
    expect(await world.judge()).toEqual([]);
    expect(await only()).toMatchObject({ state: 'no-data', problem: 'There is nothing to judge yet.' });
    world.data.set(
      'drift',
      series([day(0, Number.NaN), day(1, 0.9, { complete: false }), day(2, 0.9, { mature: false })]),
    );
    expect(await world.judge()).toEqual([]);
    drift(0.4);
    expect(await world.judge()).toHaveLength(1);
    world.data.set(
      'drift',
      series([
        day(0, 0.4),
        day(1, 0, { n: 0 }),
        day(2, Number.NaN),
        day(3, 0, { mature: false }),
        day(9, null),
      ]),
    );
    expect(await world.judge()).toHaveLength(1);
    // The rows of its window are gone.
    world.data.set('drift', series([]));
    expect(await world.judge()).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'firing' });
  });

  it('is said: why nothing could be judged', async () => {
    const problem = async (points: ReturnType<typeof days>, part = {}) => {
      world.data.set('drift', series(points, part));
      await world.judge();
      return (await only())?.problem;
    };
    expect(await problem([day(0, 1, { complete: false })])).toBe('Its first window is not over.');
    expect(await problem([day(0, 1, { mature: false })])).toBe('Too few of the labels have come.');
    expect(await problem([day(0, 1, { n: 5 })], { minN: 340 })).toBe(
      'Too few rows: at most 5 in a window, and 340 are needed.',
    );
    expect(await problem([day(0, 1, { level: 'too-few' })], { span: 7 })).toBe(
      'Its first 7 days are not over.',
    );
    expect(await problem(days(0.1))).toBeNull();
  });

  it('is a feature, a slice or a metric that is gone: the rule says so and its alert stays', async () => {
    drift(0.4);
    const [alert] = await world.judge();
    world.data.set('drift', new LatheError('LATHE_NOT_FOUND', { kind: 'watched feature', name: 'carrier' }));
    expect(await world.judge()).toMatchObject([{ id: alert?.id }]);
    expect(await only()).toMatchObject({
      problem: 'There is no watched feature named carrier.',
      state: 'firing',
    });
    world.data.set('performance', new LatheError('LATHE_NOT_FOUND', { kind: 'slice', name: 'gone' }));
    const made = await world.alerts.createRule(
      rule({ series: { of: 'performance', metric: 'accuracy' }, slice: 'gone' }),
    );
    expect(made.says).toBe('Accuracy above 25 % in one day in the slice that is gone');
    await world.judge();
    expect((await world.alerts.rules(ENDPOINT))[1]).toMatchObject({
      ...{ state: 'no-data', problem: 'There is no slice named gone.' },
    });
    // What threw for a reason that nobody foresaw is no more than a rule that waits.
    world.data.set('performance', new TypeError('x') as unknown as LatheError);
    await world.judge();
    drift(0.4, 0.1);
    expect(await world.judge()).toEqual([]);
    expect((await only())?.problem).toBeNull();
  });
});

describe('late data', () => {
  it('that changes the windows of an alert resolves it, and what was told stays', async () => {
    await world.alerts.createRule(rule());
    drift(0.1, 0.4);
    const [alert] = await world.judge();
    drift(0.1, 0.1);
    expect(await world.judge()).toEqual([]);
    const found = await world.alerts.get(alert?.id as string);
    expect(found.alert).toMatchObject({ value: 0.4, state: 'resolved' });
    expect(found.evidence.points.at(-1)).toMatchObject({ value: 0.4 });
    expect(found.history.at(-1)?.note).toContain('Late rows or labels changed the windows');
    // And back: the same breach is the same alert.
    drift(0.1, 0.4);
    expect(await world.judge()).toMatchObject([{ id: alert?.id }]);
    expect(await world.historyOf(alert?.id as string)).toEqual(['fired', 'resolved', 'fired again']);
    expect(world.all()).toHaveLength(1);
  });

  it('is looked for in the windows before, and no further', async () => {
    await world.alerts.createRule(rule());
    world.data.set('drift', series(Array.from({ length: 400 }, (_, at) => day(at, 0.1))));
    await world.judge();
    expect(world.asked.at(-1)?.fromMs).toBeUndefined();
    await world.judge();
    expect(world.asked.at(-1)?.fromMs).toBe(T0 + (399 - 62) * DAY);
  });

  it('finds a breach that lasts longer than what is looked at still there', async () => {
    await world.alerts.createRule(rule({ forWindows: 2 }));
    const points = Array.from({ length: 300 }, (_, at) => day(at, at < 5 ? 0.1 : 0.4));
    for (const upTo of [6, 7, 60, 67, 68, 69, 70, 150, 300]) {
      world.data.set('drift', series(points.slice(0, upTo)));
      await world.judge();
    }
    expect(world.all()).toMatchObject([{ state: 'firing', windowMs: T0 + 6 * DAY }]);
    world.data.set('drift', series([...points, day(300, 0.1)]));
    await world.judge();
    expect(world.all()).toMatchObject([{ state: 'resolved' }]);
  });
});

describe('a clock that goes back', () => {
  it('tells nothing twice, and nothing ends before it began', async () => {
    await world.alerts.createRule(rule());
    drift(0.1, 0.4);
    const [alert] = await world.judge();
    world.context.clock.set(world.context.clock.now() - 10 * DAY);
    await world.judge();
    drift(0.1, 0.4, 0.1);
    await world.judge();
    const [found] = world.all();
    expect(world.all()).toHaveLength(1);
    expect(found?.resolvedMs).toBe(alert?.openedMs);
  });
});

describe('a rule', () => {
  it('that is edited while it fires is judged anew, and a stale edit is refused', async () => {
    const made = await world.alerts.createRule(rule());
    drift(0.1, 0.4);
    const [alert] = await world.judge();
    const renamed = await world.alerts.updateRule(made.id, made.revision, rule({ name: 'another name' }));
    expect(await world.judge()).toMatchObject([{ id: alert?.id }]);
    await expect(world.alerts.updateRule(made.id, made.revision, rule())).rejects.toMatchObject({
      code: 'LATHE_CONFLICT',
    });
    await world.alerts.updateRule(
      made.id,
      renamed.revision,
      rule({ condition: { kind: 'threshold', direction: 'above', value: 0.5 } }),
    );
    expect(await world.judge()).toEqual([]);
    expect((await world.alerts.get(alert?.id as string)).history.at(-1)?.note).toBe('The rule was changed.');
  });

  it('that is edited while its evidence is gathered tells nothing of what it was', async () => {
    const made = await world.alerts.createRule(rule());
    drift(0.1, 0.4);
    const judging = world.area.judge();
    await world.alerts.updateRule(made.id, made.revision, rule({ enabled: false }));
    await judging;
    expect(world.all()).toEqual([]);
    expect(await only()).toMatchObject({ state: 'off' });
  });

  it('that is switched off or removed ends what it has open', async () => {
    const made = await world.alerts.createRule(rule());
    drift(0.4);
    await world.judge();
    const off = await world.alerts.updateRule(made.id, made.revision, rule({ enabled: false }));
    expect(await world.judge()).toEqual([]);
    await world.alerts.updateRule(made.id, off.revision, rule());
    // It is the same breach that it goes on with.
    expect(await world.judge()).toMatchObject([{ id: world.all()[0]?.id }]);
    expect(await world.alerts.removeRule(made.id)).toBe(true);
    expect(await world.alerts.removeRule(made.id)).toBe(false);
    expect(await world.judge()).toEqual([]);
    expect(await world.alerts.get(world.all()[0]?.id as string)).toMatchObject({ rule: null });
  });

  it('cannot be of an endpoint that is not there, nor go to another one', async () => {
    await expect(world.alerts.createRule(rule({ endpoint: 'nobody' }))).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
    const made = await world.alerts.createRule(rule());
    await expect(
      world.alerts.updateRule(made.id, made.revision, rule({ endpoint: 'nobody' })),
    ).rejects.toMatchObject({ code: 'LATHE_ALERTS_RULE' });
  });

  it('is tried on what is there, and keeps nothing', async () => {
    drift(0.1, 0.4, 0.1, 0.4, 0.4, 0.1);
    expect(await world.alerts.tryRule(rule())).toEqual({
      windows: 6,
      fired: [
        { windowMs: T0 + DAY, series: rule().series, value: 0.4 },
        { windowMs: T0 + 3 * DAY, series: rule().series, value: 0.4 },
      ],
      says: 'It would have fired 2 times in 6 days that could be judged: carrier (2).',
    });
    expect((await world.alerts.tryRule(rule({ forWindows: 3 }))).says).toBe(
      'It would not have fired in 6 days that could be judged.',
    );
    drift();
    expect((await world.alerts.tryRule(rule())).says).toBe(
      'There is nothing to try it on: no window could be judged.',
    );
    expect(await world.alerts.rules(ENDPOINT)).toEqual([]);
    expect(world.all()).toEqual([]);
  });
});

describe('volume', () => {
  it('that is gone is found by the clock, and with the first rows it is over', async () => {
    await world.alerts.createRule(
      rule({
        ...{ series: { of: 'volume' }, forWindows: 3 },
        condition: { kind: 'threshold', direction: 'below', value: 1, exit: 1 },
      }),
    );
    const points = [day(0, 10), day(1, 12, { complete: false })];
    world.data.set('volume', series(points, { unit: 'count', reference: null }));
    world.context.clock.set(T0 + 4.5 * DAY);
    expect(await world.judge()).toEqual([]);
    world.context.clock.set(T0 + 5.5 * DAY);
    expect(await world.judge()).toMatchObject([
      { title: 'Number of rows is 0 on flight-delay', windowMs: T0 + 4 * DAY, n: 0 },
    ]);
    world.data.set('volume', series([...points, day(5, 3), day(6, 2)], { unit: 'count' }));
    expect(await world.judge()).toEqual([]);
  });
});

describe('an endpoint', () => {
  it('that is switched off or logs nothing is silent without news', async () => {
    await world.alerts.createRule(
      rule({
        ...{ series: { of: 'volume' } },
        condition: { kind: 'threshold', direction: 'below', value: 1, exit: 1 },
      }),
    );
    world.data.set('volume', series(days(10, 12), { unit: 'count' }));
    world.context.clock.set(T0 + 4.5 * DAY);
    const [present] = world.endpoints();
    for (const part of [{ enabled: false }, { logging: false }]) {
      world.setEndpoints([{ ...present!, ...part }]);
      expect(await world.judge()).toEqual([]);
    }
    world.setEndpoints([present!]);
    expect(await world.judge()).toHaveLength(1);
  });

  it('that is removed takes its alerts with it', async () => {
    await world.alerts.createRule(rule());
    drift(0.4);
    const [alert] = await world.judge();
    world.setEndpoints([]);
    expect(await world.judge()).toEqual([]);
    expect((await world.alerts.get(alert?.id as string)).history.at(-1)?.note).toBe(
      'The endpoint was removed.',
    );
  });
});

describe('presets', () => {
  it('are made once, when there is something to compare with, and may be changed or removed', async () => {
    await world.close();
    world = await openAlertsWorld({ presets: true });
    world.inputs.clear();
    await world.judge();
    expect(await world.alerts.rules(ENDPOINT)).toEqual([]);
    world.inputs.add('carrier');
    await world.judge();
    const made = await world.alerts.rules(ENDPOINT);
    expect(made.map(({ name, preset, says }) => [name, preset, says])).toEqual([
      [
        'An input drifted',
        true,
        'PSI of any input above 0.25 for 3 days running; ends after 3 days running without it',
      ],
      [
        'Missing values doubled',
        true,
        'Share of missing values in any input more than 100 % above the reference (a share below 1 % counts as that) in one day; of at least 100 rows',
      ],
      [
        'Predictions drifted',
        true,
        'PSI of the prediction above 0.25 for 3 days running; ends after 3 days running without it',
      ],
      [
        'Accuracy fell',
        true,
        'Accuracy more than 5 points below the reference for 2 days running; ends after 2 days running without it; of at least 500 rows',
      ],
      [
        'Hardly any requests any more',
        true,
        'Number of rows more than 90 % below the week before (fewer than 10 count as that many) for 3 hours running',
      ],
    ]);
    for (const { id } of made) await world.alerts.removeRule(id);
    await world.judge();
    expect(await world.alerts.rules(ENDPOINT)).toEqual([]);
  });
});

describe('explaining', () => {
  it('names the alert behind another, and who is told is told of that one only', async () => {
    world.data.set('drift carrier', series(days(0.5)));
    world.data.set('drift dep_delay', series(days(0.5)));
    world.data.set('quality carrier', series(days(0.9), { unit: 'share' }));
    world.data.set('drifted-share', series(days(0.6), { unit: 'share' }));
    await world.alerts.createRule(rule({ series: { of: 'drift', feature: '*' } }));
    await world.alerts.createRule(
      rule({ series: { of: 'quality', feature: 'carrier', measure: 'missing' } }),
    );
    const byShare = await world.alerts.createRule(rule({ series: { of: 'drifted-share' } }));
    const open = await world.judge();
    const named = (of: string, feature?: string) =>
      open.find(
        ({ series: ref }) =>
          ref.of === of && (feature === undefined || ('feature' in ref && ref.feature === feature)),
      );
    expect(named('drift', 'carrier')?.explainedBy).toBe(named('quality')?.id);
    expect(named('drift', 'dep_delay')?.explainedBy).toBe(named('drifted-share')?.id);
    expect(named('quality')?.explainedBy).toBeNull();
    expect(world.context.host.notified).toMatchObject([
      { title: '2 alerts on flight-delay', body: expect.not.stringContaining(ENDPOINT) },
    ]);
    // What explained it is over: now it stands for itself.
    await world.alerts.removeRule(byShare.id);
    expect(
      (await world.judge()).find(({ id }) => id === named('drift', 'dep_delay')?.id)?.explainedBy,
    ).toBeNull();
    expect(world.context.host.notified.at(-1)).toMatchObject({
      title: 'PSI of dep_delay is 0.5 on flight-delay',
      href: `/alerts/${named('drift', 'dep_delay')?.id}`,
    });
  });
});

describe('evidence', () => {
  const route = (version: string): RouteChange['route'] => ({
    arms: [{ key: 'main', version, weight: 10_000 }],
    ...{ sticky: { kind: 'unit' }, mode: { kind: 'fixed' }, shadow: null },
  });

  it('is what was known when it opened, and stays', async () => {
    const nowMs = world.context.clock.now();
    const change = (revision: number, version: string, atMs: number): RouteChange => ({
      ...{ revision, atMs, actor: 'ann', automatic: false, reason: 'better', figures: null },
      route: route(version),
    });
    world.history.push(change(3, '1', nowMs - 1_000), change(2, '2', nowMs - 40 * DAY));
    await world.alerts.createRule(rule());
    drift(0.1, 0.4);
    const [alert] = await world.judge();
    const { evidence } = await world.alerts.get(alert?.id as string);
    expect(evidence).toMatchObject({
      points: [{ value: 0.1 }, { value: 0.4, n: 1_000 }],
      reference: 0.1,
      features: [
        { feature: 'carrier', score: 0, bins: [{ label: 'AA', reference: 0.5, current: 0.2 }] },
        { feature: 'dep_delay', score: 0.1 },
      ],
      arms: [{ arm: 'main', version: '1', value: 0.4, n: 1_000 }],
      changes: [
        { kind: 'route', title: 'Route: main version 1 100 %' },
        { kind: 'reference', detail: 'training, 9000 rows' },
        { kind: 'version', title: 'Version 1 of flight-delay' },
      ],
      rollback: { revision: 2, says: expect.stringContaining('main version 2 100 %') },
    });
    drift(0.9, 0.9);
    world.history.length = 0;
    await world.judge();
    expect((await world.alerts.get(alert?.id as string)).evidence).toEqual(evidence);
    expect((await world.alerts.changes(ENDPOINT, undefined, undefined))[0]).toMatchObject({
      ...{ kind: 'alert', title: 'PSI of carrier is 0.4', href: `/alerts/${alert?.id}`, eventMs: T0 + DAY },
    });
  });

  it('that cannot be had keeps no alert from opening', async () => {
    world.data.set('drift', series(days(0.4)));
    world.inputs.has = () => {
      throw new Error('never asked');
    };
    world.inputs[Symbol.iterator] = () => {
      throw new Error('gone');
    };
    await world.alerts.createRule(rule());
    const [alert] = await world.judge();
    expect((await world.alerts.get(alert?.id as string)).evidence).toMatchObject({
      ...{ features: [], slices: [], rollback: null },
      arms: [{ value: 0.4 }],
    });
  });
});

describe('changes', () => {
  it('lie where the events of their time lie: elsewhere while the past is replayed', async () => {
    const replay = (startedMs: number, endpoint: string) =>
      ({
        kind: 'replay',
        title: 'a replay',
        detail: '',
        startedMs,
        href: `/monitoring/${endpoint}`,
      }) as Activity;
    const nowMs = world.context.clock.now();
    world.activities.push(replay(nowMs - 5_000, ENDPOINT), replay(nowMs - 4_000, 'another'));
    world.activities.push({ ...replay(nowMs - 100, ENDPOINT), kind: 'import', title: 'labels' });
    const insert = world.context.db.prepare(
      `INSERT INTO prediction(id, endpoint_id, arm, version, event_ms, received_ms, latency_us, features)
       VALUES (?, ?, 'main', 1, ?, ?, 1, '{}')`,
    );
    const found = async () =>
      (await world.alerts.changes(ENDPOINT, nowMs - 10_000, undefined)).map(({ kind, eventMs }) => [
        kind,
        eventMs,
      ]);
    expect(await found()).toEqual([
      ['labels', null],
      ['replay', null],
    ]);
    insert.run('then', 1, T0 - 900 * DAY, nowMs - 6_000);
    insert.run('other', 2, T0, nowMs - 5_500);
    insert.run('now', 1, nowMs - 300, nowMs - 200);
    expect(await found()).toEqual([
      ['labels', nowMs - 100],
      ['replay', T0 - 900 * DAY],
    ]);
  });
});

describe('an alert', () => {
  it('is acknowledged and snoozed, which is in its history', async () => {
    await world.alerts.createRule(rule());
    drift(0.4);
    const [alert] = await world.judge();
    const id = alert?.id as string;
    expect(world.alerts.list({ state: 'open', limit: 9 })).toMatchObject({ open: 1, unacknowledged: 1 });
    await world.alerts.snooze(id, T0 + 9_999 * DAY);
    expect(world.alerts.list({ state: 'open', limit: 9 })).toMatchObject({ open: 1, unacknowledged: 0 });
    await world.alerts.snooze(id, 1);
    expect(world.alerts.list({ state: 'open', limit: 9 })).toMatchObject({ open: 1, unacknowledged: 1 });
    expect(await world.alerts.acknowledge(id, 'on it')).toMatchObject({ acknowledged: { note: 'on it' } });
    expect(world.alerts.list({ endpoint: ENDPOINT, state: 'open', limit: 9 })).toMatchObject({
      open: 1,
      unacknowledged: 0,
    });
    await world.alerts.snooze(id, T0 + 99 * DAY);
    expect(await world.historyOf(id)).toEqual(['fired', 'snoozed', 'snoozed', 'acknowledged', 'snoozed']);
    await expect(world.alerts.acknowledge('nobody', '')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    expect(() => world.alerts.list({ endpoint: 'nobody', state: 'all', limit: 9 })).toThrow('no endpoint');
  });
});
