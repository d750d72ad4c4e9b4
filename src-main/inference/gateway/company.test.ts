import { describe, expect, it } from 'vitest';
import { simBatcher, simLimits, simSettings } from '../testing/simulator.ts';
import { createVirtualClock } from '../testing/virtual-clock.ts';

const BASE_MS = 12;
const ROW_MS = 0.8;
const ROWS = 64;
const takes = (rows: number) => BASE_MS + ROW_MS * rows;
/** Rows a second in batches of so many, without a pause. */
const rate = (rows: number) => (1000 * rows) / takes(rows);

/** Clients that each wait for their answer, and ask again `afterMs` later; how many rows a second they get. */
function closedLoop(clients: number, afterMs: (client: number, turn: number) => number): number {
  const time = createVirtualClock();
  const batcher = simBatcher<number, number>(time, (batch) => {
    time.at(time.nowMs() + takes(batch.rows), () => batcher.finish(batch.id, batch.payloads));
  });
  batcher.configure(simLimits({ requestTimeoutMs: 30_000 }));
  batcher.open('m', simSettings({ maxBatchRows: ROWS, sloMs: null }));
  for (const rows of [1, 2, 4, 8, 16, 32, 64])
    for (let n = 0; n < 3; n++) batcher.observe('m', rows, takes(rows));
  let answered = 0;
  const ask = (client: number, turn: number) => {
    batcher.submit({
      key: 'm',
      shapeKey: '',
      rows: 1,
      bytes: 1,
      payload: client,
      settle({ ok }) {
        expect(ok).toBe(true);
        if (time.nowMs() >= 2_000) answered += 1;
        time.at(time.nowMs() + afterMs(client, turn), () => ask(client, turn + 1));
      },
    });
  };
  for (let client = 0; client < clients; client++) time.at(client * 1.5, () => ask(client, 0));
  while (time.step(12_000) && time.nowMs() < 12_000);
  return answered / 10;
}

/** 0.2 up to 4 ms, the same in every run. */
const soon = (client: number, turn: number) => 0.2 + ((client * 7 + turn * 13) % 39) / 10;

describe('clients that ask again the moment they are answered', () => {
  it('share one batch instead of settling into two that take turns', () => {
    const found = closedLoop(ROWS, soon);
    expect(found).toBeGreaterThan(0.9 * rate(ROWS));
    expect(rate(ROWS / 2)).toBeLessThan(0.87 * rate(ROWS));
  });

  it('are waited for also where they are fewer than a batch takes', () => {
    expect(closedLoop(20, soon)).toBeGreaterThan(0.8 * rate(20));
  });
});

describe('clients that take their time', () => {
  it('are not waited for', () => {
    // A third of a second to think: what waits goes at once, and the device has time to spare.
    const found = closedLoop(ROWS, (client, turn) => 250 + ((client * 31 + turn * 17) % 100));
    expect(found).toBeGreaterThan(0.93 * ((1000 * ROWS) / (300 + takes(10) * 1.5)));
  });

  it('lose nothing where some of them do come back at once', () => {
    const found = closedLoop(ROWS, (client, turn) => (client % 2 === 0 ? soon(client, turn) : 15));
    expect(found).toBeGreaterThan(0.97 * rate(ROWS / 2));
  });
});
