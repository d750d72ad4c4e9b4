import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { BATCH_POINTS, crashBatch, ENDPOINT, openBusinessWorld } from './testing-business-metrics.ts';

const child = fileURLToPath(new URL('./push-crash-child.ts', import.meta.url));

it('what was acknowledged is there after a kill -9, and sent again all of it counts once', async () => {
  const world = await openBusinessWorld();
  try {
    const dying = spawn(process.execPath, [child, world.context.paths.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = 0;
    for await (const line of createInterface({ input: dying.stdout })) {
      acknowledged = Number(line) + 1;
      if (acknowledged === 5) dying.kill('SIGKILL');
    }
    const kept = (await world.metrics.list(ENDPOINT))[0]?.points as number;
    expect(acknowledged).toBeGreaterThanOrEqual(5);
    expect(kept).toBeGreaterThanOrEqual(acknowledged * BATCH_POINTS);
    const batches = Math.ceil(kept / BATCH_POINTS);
    let added = 0;
    for (let batch = 0; batch < batches; batch++)
      added += (await world.metrics.push(ENDPOINT, crashBatch(batch))).added;
    expect(added).toBe(batches * BATCH_POINTS - kept);
    expect(await world.metrics.list(ENDPOINT)).toMatchObject([{ points: batches * BATCH_POINTS }]);
  } finally {
    await world.close();
  }
});
