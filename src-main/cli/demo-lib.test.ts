/** When the demo gives a step up: where nothing moves, and not where it is slow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { unlessStalled, until } from './demo-lib.ts';

const STALL_MS = 500;

it('lets a step take its time as long as it gets on', async () => {
  const startMs = performance.now();
  let played = 0;
  const work = () =>
    until(
      () => `flights, of which ${played} are played`,
      async () => {
        played += 1;
        return played === 5 ? 'all played' : null;
      },
    );
  expect(await unlessStalled('replay', work, STALL_MS)).toBe('all played');
  expect(performance.now() - startMs).toBeGreaterThan(STALL_MS);
});

it('gives a step up that stands still, and says what it waited for', async () => {
  const work = () => until('a drift score', async () => null);
  await expect(unlessStalled('drift', work, STALL_MS)).rejects.toThrow(
    'nothing has moved for 0.5 s; it waited for a drift score',
  );
});

it('gives a step up that hangs without a word', async () => {
  const hangs = () => sleep(60_000, undefined, { ref: false });
  await expect(unlessStalled('batch', hangs, STALL_MS)).rejects.toThrow('it waited for step batch');
});

it('passes on why a step failed', async () => {
  const failing = async () => {
    throw new Error('an answer is off');
  };
  await expect(unlessStalled('serve', failing, STALL_MS)).rejects.toThrow('an answer is off');
});
