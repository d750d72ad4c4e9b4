/** The page of an endpoint's health, of real monitoring: it holds what its screen shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, ChangeEvent } from '../../../contract/alerts.ts';
import { ENDPOINT, endpointRecord, HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';
import { createHealthPages } from './health-pages.ts';

const MINUTE = 60_000;
/** Six hours, one row a minute on each arm; b has rows in the last two hours alone. */
const FROM = NOW - 6 * HOUR;
const counts = Array.from({ length: 10 }, () => 100);
const REFERENCE = {
  ...{ schema: 1, rows: 1_000, predictionRows: 0, prediction: null },
  features: [
    {
      ...{ kind: 'numeric', name: 'age', counts, below: 0, above: 0, missing: 0, mean: 40 },
      edges: Array.from({ length: 11 }, (_, at) => 20 + 4 * at),
    },
  ],
};
const EVENT: ChangeEvent = {
  ...{ atMs: NOW, eventMs: NOW - 90 * MINUTE, kind: 'route', title: 'Route: b 50 %', detail: 'by a person' },
  href: null,
};
const OLD: ChangeEvent = { ...EVENT, eventMs: FROM, title: 'Route: long ago' };
const ALERT = {
  ...{ id: 'x', ruleId: 'r', endpoint: ENDPOINT, severity: 'critical', state: 'firing' },
  ...{
    title: `PSI of age on ${ENDPOINT}`,
    text: 'It is 0.9 on 400 rows.',
    windowMs: NOW - HOUR,
    acknowledged: null,
  },
} as Alert;

let world: World;
let page: ReturnType<typeof createHealthPages>;

beforeAll(async () => {
  world = await openWorld({ reference: REFERENCE });
  world.endpoints[0] = endpointRecord({
    arms: [
      { key: 'a', version: '1', weight: 5_000 },
      { key: 'b', version: '1', weight: 5_000 },
    ],
  });
  const rows = Array.from({ length: 360 }, (_, at) => {
    const eventMs = FROM + at * MINUTE;
    const one = row(`a${at}`, { eventMs, features: { age: 20 + ((at * 7) % 40), plan: 'basic' } });
    return at < 240 ? [one] : [one, { ...one, id: `b${at}`, arm: 'b' }];
  }).flat();
  await world.monitoring.ingest(rows);
  page = createHealthPages(world.context.clock, {
    health: {
      series: world.monitoring.series,
      drift: (wanted) => world.monitoring.drift({ ...wanted, windows: 1 }),
      changes: async () => [OLD, EVENT],
      openAlerts: () => [ALERT],
    },
    businessMetrics: async () => [],
  });
});
afterAll(() => world.close());

/** Windows of a chart's table, and its cells after them. */
function tableOf(html: string, chart: string): string[][] {
  const section = html.split('<section>').find((one) => one.startsWith(`<h2>${chart}</h2>`));
  const body = /<table class="data">.*?<tbody>(.*?)<\/tbody>/s.exec(section ?? '')?.[1] ?? '';
  return body
    .split('<tr><td>')
    .slice(1)
    .map((line) => line.split('<td>'));
}

describe('the page of a view of minutes', () => {
  const toMs = NOW;
  const fromMs = NOW - 3 * HOUR;

  it('has the minutes of its stretch and of its arm, as the screen has them', async () => {
    const { html } = await page({ endpoint: ENDPOINT, per: 'minute', arm: 'b', fromMs, toMs });
    const volume = tableOf(html, 'Rows served');
    expect([volume.length, volume[0]?.[0], volume.at(-1)?.[0]]).toEqual([
      120,
      '2026-01-05 10:00',
      '2026-01-05 11:59',
    ]);
    const asked = { endpoint: ENDPOINT, per: 'minute', arm: 'b', fromMs, toMs } as const;
    const drift = await world.monitoring.series({
      ...asked,
      series: { of: 'drift', feature: 'age', method: 'lathe.psi.frozen@1' },
    });
    const shown = tableOf(html, 'Drift of age (lathe.psi.frozen@1)');
    expect(shown.map(([, value]) => value)).toEqual(
      drift.points.map(({ value }) => (value === null ? '–' : String(Number(value.toPrecision(4))))),
    );
    // An hour's rows of one arm, of which there is one a minute.
    expect(shown.at(-1)?.[4]).toBe('60');
    expect(html).toContain('by minute; arm b');
    const all = await page({ endpoint: ENDPOINT, per: 'minute', fromMs, toMs });
    expect(tableOf(all.html, 'Rows served')).toHaveLength(180);
    expect(tableOf(all.html, 'Drift of age (lathe.psi.frozen@1)').at(-1)?.[4]).toBe('120');
  });

  it('has the features of that stretch, what happened in it, and what is open', async () => {
    const early = { endpoint: ENDPOINT, per: 'minute', fromMs: FROM, toMs: FROM + 2 * HOUR } as const;
    const { html } = await page(early);
    const table = html.slice(html.indexOf('<h2>Drift of the newest'), html.indexOf('<section>'));
    expect(table).toContain('2026-01-05 07:59');
    expect(table).not.toContain('2026-01-05 11:');
    expect(html).toContain('Route: long ago');
    expect(html).not.toContain('Route: b 50 %');
    expect(html).toContain('PSI of age</td><td>It is 0.9 on 400 rows.');
    const later = await page({ endpoint: ENDPOINT, per: 'minute', fromMs, toMs });
    expect(later.html).toContain('<title>1: Route: b 50 %</title>');
    expect(later.html).not.toContain('Route: long ago');
  });

  it('says of each chart on how many rows it stands, and how its number comes about', async () => {
    const { html } = await page({ endpoint: ENDPOINT, per: 'minute', arm: 'b', fromMs, toMs });
    const section = html.split('<section>').find((one) => one.startsWith('<h2>Drift of age')) ?? '';
    for (const words of [
      'n of a point: 1 to 60',
      'grey: within chance, 95 %',
      'moderate from 0.1, large from 0.25',
      'class="chance"',
      'PSI = Σ (r − c)',
      'Thresholds.',
      'Siddiqi 2006',
    ])
      expect(section).toContain(words);
    expect(section.match(/<details>/g)).toHaveLength(2);
  });
});

it('a metric that is asked for is the one that is shown', async () => {
  await world.labels.push(
    Array.from({ length: 60 }, (_, at) => ({
      predictionId: `a${at}`,
      label: at % 3 ? '1' : '0',
      labelledMs: NOW,
    })),
  );
  const shown = async (metric?: 'brier') => {
    const { html } = await page({ endpoint: ENDPOINT, per: 'hour', ...(metric ? { metric } : {}) });
    return [...html.matchAll(/<h2>Performance: ([\w-]+)<\/h2>/g)].map(([, name]) => name);
  };
  expect([await shown('brier'), await shown()]).toEqual([['brier'], ['accuracy', 'log-loss']]);
});
