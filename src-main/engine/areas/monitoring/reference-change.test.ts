/** What is remembered of drift when references come, change and go: the next look is against the new one. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import type { MonitoringService } from './monitoring.service.ts';
import { blockOf, chunkOf, FACTS, watch } from './testing-watch.ts';
import type { ActiveReference } from './views.ts';

const HOUR = 3_600_000;
const T = 20_000 * 86_400_000;

let context: TestContext;
let service: MonitoringService;
let grid: string | null;
let active: ActiveReference | null;
beforeEach(async () => {
  context = await openTestContext();
  grid = JSON.stringify(FACTS.reference);
  active = null;
  service = watch(context, { grid: () => grid, reference: () => active });
});
afterEach(async () => {
  service.close();
  await context.close();
});

/** Of x the first cell only has values, or all have as many. */
const profileOf = (low: boolean): unknown => {
  const profile = structuredClone(FACTS.reference) as { features: { counts: number[] }[] };
  (profile.features[0] as { counts: number[] }).counts = low
    ? [1_000, ...Array(9).fill(0)]
    : Array(10).fill(100);
  return profile;
};
/** 25 hours of values that are even over 0…10: the day before the last hour is whole. */
async function take(instance = 1): Promise<void> {
  const rows = Array.from({ length: 25 * 40 }, (_, at) => ({
    atMs: T + Math.floor(at / 40) * HOUR,
    x: (at % 40) / 4,
  }));
  await service.ingestTap([chunkOf(instance, blockOf(rows))]);
}
const levelOfX = async () => {
  const [x] = await service.drift({ endpoint: 'e', per: 'hour' });
  return x?.latest?.level;
};
const changed = () => service.referenceChanged('m', '1');

it('is scored against another reference as soon as that is the active one, and against the first when it is back', async () => {
  await take();
  expect(await levelOfX()).toBe('stable');
  active = { id: 'narrow', title: 'narrow', profile: profileOf(true) };
  changed();
  expect(await levelOfX()).toBe('large');
  active = { id: 'even', title: 'even', profile: profileOf(false) };
  changed();
  expect(await levelOfX()).toBe('stable');
  active = null;
  changed();
  expect(await levelOfX()).toBe('stable');
  expect(
    (
      await service.series({
        endpoint: 'e',
        per: 'hour',
        series: { of: 'drift', feature: 'x', method: 'lathe.psi.frozen@1' },
      })
    ).notes[0],
  ).toContain('came with the version');
});

it('is watched from the first reference on, of rows that come from then', async () => {
  grid = null;
  await take();
  expect(await service.drift({ endpoint: 'e', per: 'hour' })).toEqual([]);
  grid = JSON.stringify(FACTS.reference);
  changed();
  await take(2);
  expect(await levelOfX()).toBe('stable');
});
