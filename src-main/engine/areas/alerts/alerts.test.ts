/** What an alert carries, what explains it, and what people do about it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Activity } from '../../../contract/activity.ts';
import type { RouteChange } from '../../../contract/serving-route.ts';
import {
  type AlertsWorld,
  DAY,
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

describe('explaining what is over', () => {
  it('is done by what there was at the time, and nobody is told of it', async () => {
    await world.alerts.createRule(rule());
    await world.alerts.createRule(
      rule({ series: { of: 'quality', feature: 'carrier', measure: 'missing' } }),
    );
    const both = (drift: number[], missing: number[]) => {
      world.data.set('drift', series(days(...drift)));
      world.data.set('quality', series(days(...missing), { unit: 'share' }));
      return world.judge();
    };
    await both([0.1], [0]);
    await both([0.1, 0.1, 0.5, 0.1, 0.5, 0.1], [0, 0.9, 0.9, 0, 0, 0]);
    const past = world.all();
    const broken = past.find(({ series: ref }) => ref.of === 'quality');
    expect(broken).toMatchObject({ was: true, explainedBy: null });
    const explainedBy = new Map(
      past.filter(({ series: ref }) => ref.of === 'drift').map((one) => [one.windowMs, one.explainedBy]),
    );
    expect(explainedBy).toEqual(
      new Map([
        [T0 + 2 * DAY, broken?.id],
        [T0 + 4 * DAY, null],
      ]),
    );
    expect(world.context.host.notified).toMatchObject([{ title: '2 alerts on flight-delay' }]);
    await world.judge();
    expect(world.context.host.notified).toHaveLength(1);
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
        { feature: 'carrier', score: 0.4, bins: [{ label: 'AA', reference: 0.5, current: 0.2 }] },
        { feature: 'dep_delay', score: 0.4 },
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

  it('ranks what moved by the window of the alert, whatever newer ones say', async () => {
    for (const [at, feature] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
      world.inputs.add(feature);
      world.latest.set(feature, 9 - at);
      world.data.set(`drift ${feature}`, series(days(0, at / 10, 9 - at)));
    }
    // The newest scores reach back to the window, or do not.
    world.trends.set('f', [{ windowMs: T0 + DAY, value: 0.5, n: 1000, level: 'large' }]);
    world.data.set('drift dep_delay', series(days(0, 0, 0)));
    await world.alerts.createRule(rule());
    world.data.set('drift carrier', series(days(0.1)));
    await world.judge();
    world.data.set('drift carrier', series(days(0.1, 0.3, 0.1)));
    await world.judge();
    const [alert] = world.all();
    expect(alert).toMatchObject({ was: true, windowMs: T0 + DAY });
    const { features } = (await world.alerts.get(alert?.id as string)).evidence;
    expect(features.map(({ feature, score }) => [feature, score])).toEqual([
      ['carrier', 0.3],
      ['f', 0.5],
      ['e', 0.4],
      ['d', 0.3],
      ['c', 0.2],
    ]);
  });

  it('goes back to before the change ahead of the crossing, by when the crossing was served', async () => {
    const nowMs = world.context.clock.now();
    const change = (revision: number, version: string, atMs: number): RouteChange => ({
      ...{ revision, atMs, actor: 'ann', automatic: false, reason: '', figures: null },
      route: route(version),
    });
    // The past is replayed: the days' rows came within the last hour, and the newest route after them.
    world.history.push(change(3, '1', nowMs - 1_000));
    world.history.push(change(2, '3', nowMs - 2_000_000), change(1, '2', nowMs - 3_000_000));
    world.context.db
      .prepare(
        `INSERT INTO prediction(id, endpoint_id, arm, version, event_ms, received_ms, latency_us, features)
         VALUES ('row', 1, 'main', 1, ?, ?, 1, '{}')`,
      )
      .run(T0 + 1.5 * DAY, nowMs - 1_000_000);
    await world.alerts.createRule(rule({ forWindows: 2 }));
    drift(0.1, 0.4, 0.5);
    const [alert] = await world.judge();
    expect(alert?.windowMs).toBe(T0 + 2 * DAY);
    expect((await world.alerts.get(alert?.id as string)).evidence.rollback).toMatchObject({ revision: 1 });
  });

  it('says in which slices an input moved or an estimate fell, or why that is not known', async () => {
    const asked: unknown[] = [];
    const AA = { name: 'AA', labelled: 900, value: 0.6, rest: 0.01, tooFew: false, apart: true };
    const late = new Error('the log is busy');
    const answers: Record<string, unknown> = {
      carrier: [{ name: 'AA', n: 900, value: 0.6, rest: 0.01, tooFew: false, apart: true }],
      ...{ dep_delay: null, temp: [], wind: late },
    };
    const own = await openAlertsWorld({
      async sliceScores(wanted) {
        asked.push(wanted);
        const answer = answers[wanted.series.feature];
        if (answer === late) throw late;
        return answer as never;
      },
      async sliceEstimates(wanted) {
        asked.push(wanted);
        return [{ name: 'late', n: 90, value: 0.6, rest: 0.8, tooFew: false, apart: true }];
      },
    });
    try {
      own.data.set('estimated', series(days(0.9, 0.4), { unit: 'share' }));
      own.inputs.add('temp').add('wind');
      own.data.set('drift', series(days(0.1, 0.4)));
      own.data.set('drifted-share', series(days(0.1, 0.6), { unit: 'share' }));
      await own.alerts.createRule(rule({ series: { of: 'drift', feature: '*' } }));
      await own.alerts.createRule(rule({ series: { of: 'drifted-share' } }));
      await own.alerts.createRule(
        rule({
          series: { of: 'estimated', metric: 'accuracy' },
          condition: { kind: 'threshold', direction: 'below', value: 0.5 },
        }),
      );
      const found = new Map<string, unknown>();
      for (const { id, series: ref } of await own.judge()) {
        const { slices, slicesOf, slicesWhy } = (await own.alerts.get(id)).evidence;
        found.set('feature' in ref ? ref.feature : ref.of, slicesWhy ?? [slicesOf, ...slices]);
      }
      expect(Object.fromEntries(found)).toEqual({
        carrier: [null, AA],
        ...{ dep_delay: 'not-logged', temp: 'no-slices', wind: 'not-read' },
        // Of the input that had moved most.
        'drifted-share': [{ of: 'drift', feature: 'carrier', method: 'lathe.psi.frozen@1' }, AA],
        estimated: [null, { name: 'late', labelled: 90, value: 0.6, rest: 0.8, tooFew: false, apart: true }],
      });
      expect(asked).toContainEqual({
        ...{ endpoint: ENDPOINT, per: 'day', arm: null, windowMs: T0 + DAY, metric: 'accuracy' },
      });
      expect(asked).toContainEqual({
        ...{ endpoint: ENDPOINT, per: 'day', arm: null, windowMs: T0 + DAY },
        series: { of: 'drift', feature: 'carrier', method: 'lathe.psi.frozen@1' },
      });
    } finally {
      await own.close();
    }
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

describe('the list', () => {
  it('goes on page by page through all of them, the open ones first', async () => {
    await world.alerts.createRule(rule());
    drift(0.1);
    await world.judge();
    drift(0.1, 0.4, 0.1, 0.4, 0.1, 0.4, 0.1, 0.4);
    await world.judge();
    const windows = [7, 5, 3, 1].map((at) => T0 + at * DAY);
    const read = (limit: number, before?: string) => {
      const page = world.alerts.list({ state: 'all', limit, ...(before === undefined ? {} : { before }) });
      return { ...page, windows: page.alerts.map(({ windowMs }) => windowMs) };
    };
    expect(read(4)).toMatchObject({ windows, next: null, open: 1 });
    const first = read(1);
    expect(first).toMatchObject({ windows: windows.slice(0, 1), next: expect.stringMatching(/^open-/) });
    // One that was open at the first page and is over at the second.
    drift(0.1, 0.4, 0.1, 0.4, 0.1, 0.4, 0.1, 0.4, 0.1);
    await world.judge();
    const second = read(2, first.next as string);
    expect(new Set(second.windows.concat(read(2, second.next as string).windows))).toEqual(new Set(windows));
    expect(read(2, 'over-1')).toMatchObject({ alerts: [], next: null });
    expect(world.alerts.list({ state: 'open', limit: 2 })).toMatchObject({ alerts: [], next: null });
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
    await world.alerts.snooze(id, 1);
    expect(await world.alerts.unacknowledge(id)).toMatchObject({ id, acknowledged: null });
    expect(await world.alerts.unacknowledge(id)).toMatchObject({ id, acknowledged: null });
    expect((await world.historyOf(id)).slice(5)).toEqual(['snoozed', 'acknowledgement taken back']);
    expect(world.alerts.list({ state: 'open', limit: 9 })).toMatchObject({ open: 1, unacknowledged: 1 });
    await expect(world.alerts.unacknowledge('nobody')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    await expect(world.alerts.acknowledge('nobody', '')).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
    expect(() => world.alerts.list({ endpoint: 'nobody', state: 'all', limit: 9 })).toThrow('no endpoint');
  });
});
