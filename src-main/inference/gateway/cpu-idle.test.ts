import { expect, it } from 'vitest';
import { type CpuTimes, createCpuIdle, timesIn } from './cpu-idle.ts';

it('is the share of the time since it was asked last', async () => {
  const readings: CpuTimes[] = [
    { idle: 1_000, all: 10_000 },
    { idle: 1_000, all: 10_100 },
    { idle: 1_050, all: 10_200 },
    { idle: 1_050, all: 10_200 },
    { idle: 1_150, all: 10_300 },
  ];
  const idle = createCpuIdle(async () => readings.shift() as CpuTimes);
  const told = [];
  for (let asked = 0; asked < 5; asked++) told.push(await idle());
  expect(told).toEqual([null, 0, 0.5, null, 1]);
});

it('reads what Linux tells: waiting for the disk is idle, what a host took is not', () => {
  const stat = 'cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 50 10 15 200 25 3 3 4 45 5\nintr 1 2 3\n';
  expect(timesIn(stat)).toEqual({ idle: 450, all: 621 });
});

it('tells a share of this machine', async () => {
  const idle = createCpuIdle();
  expect(await idle()).toBeNull();
  let share: number | null = null;
  // The system counts in ticks.
  for (let asked = 0; asked < 100 && share === null; asked++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    share = await idle();
  }
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});
