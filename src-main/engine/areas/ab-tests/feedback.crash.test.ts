import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import type { Feedback } from '../../../contract/ab-tests.ts';
import { openTestEngine, until } from '../../testing-engine.ts';
import { ENDPOINT, openAbWorld, row, sumsIn } from './testing-ab-tests.ts';
import { addChange, type Test } from './tests.rules.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const crashChild = fileURLToPath(new URL('./feedback-crash-child.ts', import.meta.url));
const engineChild = fileURLToPath(new URL('../../testing-engine-child.ts', import.meta.url));

it.each([1, 2, 3])('killed after %i sums, before the commit: sent again it counts once', async (dieAfter) => {
  const clean = await openAbWorld();
  const crashed = await openAbWorld();
  try {
    const items: Feedback[] = Array.from({ length: 40 }, (_, at) => ({
      requestId: `r${at}`,
      reward: at % 3,
    }));
    for (const world of [clean, crashed])
      await world.monitoring.ingest(
        items.map((_, at) =>
          row(world, `r${at}`, { arm: at % 2 ? 'b' : 'a', unit: at % 5 ? null : `u${at % 7}` }),
        ),
      );
    const before = sumsIn(crashed);
    await clean.abTests.feedback(items);
    const tests: Test[] = [];
    const id = crashed.serving.find(ENDPOINT)?.id as number;
    for (const change of crashed.serving.changesAfter(id, -1)) addChange(tests, change);
    const args = [JSON.stringify(tests), JSON.stringify(items), String(dieAfter)];
    const dying = fork(crashChild, [crashed.context.paths.root, ...args], {
      stdio: 'ignore',
    });
    const [, signal] = await once(dying, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(sumsIn(crashed)).toEqual(before);
    expect(crashed.abTests.rewards(ENDPOINT, 100)).toEqual([]);
    const again = await crashed.abTests.feedback([...items, ...items]);
    expect(again.map(({ state }) => state)).toEqual([
      ...items.map(() => 'joined'),
      ...items.map(() => 'duplicate'),
    ]);
    expect(sumsIn(crashed)).toEqual(sumsIn(clean));
  } finally {
    await clean.close();
    await crashed.close();
  }
});

it('what the gateway acknowledged is there after a kill -9 of everything, and joins its prediction then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-feedback-crash-'));
  const workspace = join(folder, 'workspace');
  try {
    const engine = fork(engineChild, [workspace, '0'], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(engine, 'message');
    const url = () => {
      try {
        return JSON.parse(readFileSync(join(workspace, 'lock.json'), 'utf8')).urls.inferenceHttp as
          | string
          | null;
      } catch {
        return null;
      }
    };
    await until('the gateway listens', () => url() !== null, 60_000);
    const send = async (base: string) => {
      const body = JSON.stringify({ requestId: 'before-the-crash', reward: 0.5, label: '1' });
      const answer = await fetch(`${base}/v2/lathe/feedback`, { method: 'POST', body });
      return { status: answer.status, json: (await answer.json()) as { results?: { state: string }[] } };
    };
    expect(await send(url() as string)).toMatchObject({
      status: 200,
      json: { results: [{ state: 'pending' }] },
    });
    engine.kill('SIGKILL');
    await once(engine, 'exit');

    const next = await openTestEngine(workspace, { sample: true });
    try {
      expect(await next.api.abTests.pending()).toMatchObject({ items: 1 });
      await until(
        'the endpoint',
        async () => (await next.api.serving.list())[0]?.arms.every(({ state }) => state === 'ready') ?? false,
        90_000,
      );
      const { url: infer, name } = (await next.api.serving.list())[0] as { url: string; name: string };
      const [version] = (await next.api.models.get({ name: 'flight-delay' })).versions;
      const inputs = version?.inputs.map(({ name: input, datatype }) => ({
        ...{ name: input, datatype, shape: [1, 1] },
        data: [datatype === 'BYTES' ? 'AA' : 0],
      }));
      const answer = await fetch(infer, {
        method: 'POST',
        body: JSON.stringify({ id: 'before-the-crash', inputs }),
      });
      expect(answer.status, await answer.clone().text()).toBe(200);
      await until('it joined', async () => (await next.api.abTests.pending()).items === 0, 10_000);
      expect(await next.api.abTests.rewards({ endpoint: name })).toMatchObject([
        { predictionId: 'before-the-crash', reward: 0.5 },
      ]);
      expect(await send(infer.replace(/\/v2.*/, ''))).toMatchObject({
        json: { results: [{ state: 'duplicate' }] },
      });
      const found = await next.api.abTests.result({ endpoint: name, metric: 'reward-mean' });
      expect(found.arms.reduce((sum, { n }) => sum + n, 0)).toBe(1);
      expect(found.arms.find(({ n }) => n === 1)).toMatchObject({ mean: 0.5 });
    } finally {
      await next.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
