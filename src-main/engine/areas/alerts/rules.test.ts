/** Rules on a real workspace: made, edited, tried and removed, by people and for an endpoint to begin with. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
const only = async () => (await world.alerts.rules(ENDPOINT))[0];

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
        'Half of the inputs drifted',
        true,
        'Share of inputs that drifted above 49.9 % for 3 days running; ends after 3 days running without it',
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
