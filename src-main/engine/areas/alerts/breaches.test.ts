/** Breaches on a real workspace: one alert for each, over again when it is over, whatever comes late. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LatheError } from '../../../contract/errors.ts';
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
    const [alert] = world.all();
    expect(world.all()).toMatchObject([
      {
        ...{ state: 'resolved', was: true, windowMs: T0 + DAY, overMs: T0 + 2 * DAY },
        title: 'PSI of carrier was 0.5 on flight-delay',
        text: 'The limit is 0.25; it was passed, up to the day of 2026-01-02, on 1,000 rows. It was over with the day of 2026-01-03, before it was seen.',
      },
    ]);
    expect(alert?.resolvedMs).toBe(alert?.openedMs);
    expect(await world.historyOf(alert?.id as string)).toEqual(['was']);
    expect((await world.alerts.get(alert?.id as string)).evidence.points.at(-1)).toMatchObject({
      value: 0.5,
    });
    // Told once, by this engine and the next one.
    expect(world.context.host.notified).toMatchObject([
      { title: alert?.title, href: `/alerts/${alert?.id}` },
    ]);
    await world.judge();
    const next = alertsOn(world.context);
    next.data.set('drift', series(days(0.1, 0.5, 0.1, 0.1, 0.1)));
    await next.judge();
    await next.area.close();
    expect(world.all()).toHaveLength(1);
    expect(world.context.host.notified).toHaveLength(1);
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

  it('that made a breach which is over is told once, unless it is of before the rule', async () => {
    drift(0.5, 0.1, 0.1);
    await world.alerts.createRule(rule());
    await world.judge();
    drift(0.5, 0.1, 0.1, 0.1, 0.1, 0.1);
    await world.judge();
    drift(0.5, 0.5, 0.1, 0.1, 0.4, 0.1);
    expect(await world.judge()).toEqual([]);
    const [alert] = world.all();
    expect(world.all()).toMatchObject([{ was: true, windowMs: T0 + 4 * DAY }]);
    expect((await world.alerts.get(alert?.id as string)).history[0]?.note).toContain('Late rows or labels');
    // It began a day earlier, as still later rows say.
    drift(0.5, 0.5, 0.1, 0.4, 0.4, 0.1);
    await world.judge();
    expect(world.all()).toHaveLength(1);
    // And now it goes on: it is open, and no past one any more.
    drift(0.5, 0.5, 0.1, 0.1, 0.4, 0.4);
    expect(await world.judge()).toMatchObject([{ id: alert?.id, was: false, overMs: null }]);
    drift(0.5, 0.5, 0.1, 0.1, 0.4, 0.4, 0.1);
    await world.judge();
    expect(world.all()).toMatchObject([{ was: false, overMs: T0 + 6 * DAY, state: 'resolved' }]);
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
