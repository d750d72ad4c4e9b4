/** The ranking as it is asked for, held against the series that it stands on. */
import { expect, it } from 'vitest';
import { openTestContext } from '../../testing.ts';
import { rankFeatures } from './ranking.rules.ts';
import { blockOf, chunkOf, type Row, watch } from './testing-watch.ts';

const HOUR = 3_600_000;
const T = 20_000 * 24 * HOUR;
const HOURS = 40;
const ROWS = 60;

it('ranks the input that drifted while accuracy fell first, by the windows that both series have', async () => {
  const context = await openTestContext();
  context.clock.set(T + HOURS * HOUR);
  const service = watch(context);
  // From hour 15 on x moves up and more and more predictions are wrong; c stays as it was.
  for (let hour = 0; hour < HOURS; hour++) {
    const off = Math.max(0, hour - 15) / 25;
    const rows = Array.from({ length: ROWS }, (_, at): Row => {
      const share = (at + 0.5) / ROWS;
      return {
        ...{ atMs: T + hour * HOUR + at, x: Math.min(9.9, share * 10 * (1 - off) + 9 * off) },
        ...{ c: at % 10 < 6 ? 'a' : 'b', score: share },
      };
    });
    const all = rows.map((_, at) => at);
    await service.ingestTap([chunkOf(hour + 1, blockOf(rows, all, `h${hour}-`))]);
    await service.label(
      all.map((at) => {
        const wrong = (at * 7) % ROWS < ROWS * 0.8 * off;
        const label = rows[at]?.score !== undefined && (rows[at]?.score ?? 0) >= 0.5 !== wrong ? '1' : '0';
        return { predictionId: `h${hour}-${at}`, label, labelledMs: T + (hour + 1) * HOUR };
      }),
    );
  }
  const where = { endpoint: 'e', per: 'hour' } as const;
  const ranked = await service.ranking(where);
  expect(ranked.map(({ feature }) => feature)).toEqual(['x', 'c']);
  expect(ranked[0]?.r).toBeGreaterThan(0.8);
  expect(ranked[0]?.alerts).toBeGreaterThan(5);
  expect(ranked[1]?.alerts).toBe(0);

  const quality = await service.series({ ...where, series: { of: 'performance', metric: 'accuracy' } });
  const judged = quality.points.filter(({ complete, mature, value }) => complete && mature && value !== null);
  expect(judged.length).toBeGreaterThan(30);
  const histories = await Promise.all(
    ['x', 'c'].map(async (feature) => {
      const { points } = await service.series({
        ...where,
        series: { of: 'drift', feature, method: 'lathe.psi.frozen@1' },
      });
      const own = judged.map(({ windowMs }) => points.find((point) => point.windowMs === windowMs));
      return {
        feature,
        scores: own.map((point) => (point && point.level !== 'too-few' ? point.value : null)),
        levels: own.map((point) => point?.level ?? null),
      };
    }),
  );
  const values = judged.map(({ value }) => value);
  expect(ranked).toEqual(rankFeatures(histories, values, quality.reference));
  service.close();
  await context.close();
});
