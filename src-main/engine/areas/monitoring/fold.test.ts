import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DAY, ENDPOINT, HOUR, NOW, openWorld, row, type World } from '../../testing-monitoring.ts';

const DAYS = 6;
const COUNT = DAYS * 24 * 2;
/** Two arms of one version, an hour's rows each, with labels an hour late. */
const rows = Array.from({ length: COUNT }, (_, at) =>
  row(`r${at}`, {
    eventMs: NOW - (at >> 1) * HOUR,
    arm: at % 2 ? 'b' : 'a',
    score: ((at * 37) % 100) / 100,
  }),
);
const labels = rows.slice(2).map(({ id, eventMs }, at) => ({
  ...{ predictionId: id, label: String((at * 7) % 3 > 1 ? 1 : 0) },
  labelledMs: eventMs + HOUR,
}));

async function filled(): Promise<World> {
  const world = await openWorld();
  await world.monitoring.ingest(rows);
  await world.monitoring.label(labels);
  return world;
}

/** All that is told of quality. Each of the worlds is asked as often, as its clock moves. */
async function told(world: World) {
  const { monitoring } = world;
  // How late labels come is told again after two seconds.
  world.context.clock.advance(3_000);
  const of = (part: object) =>
    monitoring.series({
      ...{ endpoint: ENDPOINT, fromMs: NOW - DAYS * DAY },
      ...{ per: 'hour' as const, series: { of: 'performance' as const, metric: 'roc-auc' as const } },
      ...part,
    });
  return {
    hours: await of({}),
    arm: await of({ arm: 'b' }),
    days: await of({ per: 'day' }),
    detail: await monitoring.performanceDetail({ endpoint: ENDPOINT }),
    maturity: await world.labels.maturity(ENDPOINT, 'hour', null),
  };
}

const places = ({ context: { db } }: World) => ({
  hours: db.prepare('SELECT count(*) FROM cohort_detail WHERE size_ms = ?').pluck().get(HOUR),
  folded: db.prepare('SELECT day_ms, arm, whole FROM cohort_fold ORDER BY day_ms, arm').all(),
});

it('hours of days that are over move together, and nothing that is told changes; later labels are added', async () => {
  const [folded, plain] = [await filled(), await filled()];
  try {
    const before = await told(folded);
    expect(before.hours.points.length).toBeGreaterThan(100);
    await folded.monitoring.fold();
    const after = places(folded);
    expect(after.folded).not.toEqual([]);
    // An arm each, and both together.
    expect(after.folded).toHaveLength(
      3 * new Set(after.folded.map((each) => (each as { day_ms: number }).day_ms)).size,
    );
    expect(after.hours).toBeLessThan(places(plain).hours as number);
    expect(await told(folded)).toEqual(before);

    const later = labels.slice(-40).map((each) => ({ ...each, label: '1', labelledMs: NOW }));
    for (const world of [folded, plain]) await world.monitoring.label(later);
    expect(await told(folded)).toEqual(await told(plain));
    await folded.monitoring.fold();
    expect(places(folded)).toEqual(after);
    expect(await told(folded)).toEqual(await told(plain));
  } finally {
    await folded.close();
    await plain.close();
  }
});

it('killed once a day took the place of its hours, before the commit: the hours are there, and fold again', async () => {
  const [crashed, clean] = [await filled(), await filled()];
  try {
    const before = await told(crashed);
    const child = fileURLToPath(new URL('./fold-crash-child.ts', import.meta.url));
    const dying = fork(child, [crashed.context.paths.root], { stdio: 'ignore' });
    const [, signal] = await once(dying, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(await told(crashed)).toEqual(before);
    await crashed.monitoring.fold();
    await clean.monitoring.fold();
    expect(places(crashed)).toEqual(places(clean));
    expect(await told(crashed)).toEqual(before);
  } finally {
    await crashed.close();
    await clean.close();
  }
});
