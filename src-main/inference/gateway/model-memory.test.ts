/** Models that share a memory budget: who rests, who comes back, and that nobody starves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../testing/stack.ts';
import { MB, spec, tableWorld } from '../testing/table-world.ts';
import { victims } from './model-memory.ts';

describe('memory', () => {
  it('is counted while a model leaves, and freed once it has answered', () => {
    const w = tableWorld();
    w.connect();
    w.table.apply([spec('a')], LIMITS);
    w.serve();
    w.ask('a@1');
    w.table.apply([], LIMITS);
    expect(w.table.memory().usedBytes).toBe(10 * MB);
    expect(w.serve()).toEqual(['infer a@1', 'unload a@1']);
    expect(w.table.memory().usedBytes).toBe(0);
    expect(w.outcomes).toEqual(['ok']);
  });

  it('lets the longest unused rest, brings it back when asked, and never a busy one before an idle one', () => {
    const w = tableWorld();
    w.connect();
    const limits = { ...LIMITS, memoryBudgetBytes: 25 * MB };
    w.table.apply([spec('a'), spec('b')], limits);
    w.serve();
    w.heard.length = 0;
    w.time.at(1, () => w.ask('b@1'));
    while (w.time.step(1));
    w.serve();
    while (w.time.step(2));
    w.ask('a@1');
    w.serve();
    while (w.time.step(3));
    w.table.apply([spec('a'), spec('b'), spec('c')], limits);
    w.serve();
    // By its file it fits; once it is measured another has to go.
    expect(w.heard.filter((entry) => /load/.test(entry))).toEqual(['load c@1', 'unload b@1']);
    expect(w.states()).toEqual(['a@1 ready', 'b@1 ready', 'c@1 ready']);
    w.heard.length = 0;
    w.ask('b@1');
    w.serve();
    expect(w.heard.filter((entry) => /load|infer/.test(entry))).toEqual([
      'unload a@1',
      'load b@1',
      'infer b@1',
    ]);
    expect(w.outcomes).toEqual(['ok', 'ok', 'ok']);
    expect(w.table.memory().usedBytes).toBe(20 * MB);
  });

  it('that holds one of two busy models lets each work in turn, and neither starves', () => {
    const w = tableWorld();
    w.connect();
    const limits = { ...LIMITS, memoryBudgetBytes: 12 * MB };
    w.table.apply([spec('a'), spec('b')], limits);
    w.serve();
    const answered = { 'a@1': 0, 'b@1': 0 };
    for (let ms = 1; ms <= 5_000; ms += 10) {
      w.time.at(ms, () => {
        w.ask('a@1');
        w.ask('b@1');
      });
      while (w.time.step(ms));
      for (const entry of w.serve())
        if (entry === 'infer a@1') answered['a@1'] += 1;
        else if (entry === 'infer b@1') answered['b@1'] += 1;
    }
    expect(answered['a@1']).toBeGreaterThan(100);
    expect(answered['b@1']).toBeGreaterThan(100);
    // Every swap is a load: there are about as many as seconds, not as requests.
    const loads = w.heard.filter((entry) => entry.startsWith('load')).length;
    expect(loads).toBeLessThan(20);
    expect(w.outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
  });
});

describe('victims', () => {
  it('are just enough, idle before busy, longest unused first, and none that has to stay', () => {
    const each = fc.record({
      footprintBytes: fc.integer({ min: 1, max: 50 }),
      lastUsedMs: fc.nat(9),
      busy: fc.boolean(),
      kept: fc.boolean(),
    });
    const property = fc.property(
      fc.array(each, { maxLength: 12 }),
      fc.nat(100),
      fc.integer({ min: 100, max: 300 }),
      (residents, needed, budget) => {
        const bytes = (some: readonly { footprintBytes: number }[]) =>
          some.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
        const chosen = victims(residents, needed, budget);
        if (chosen === null) {
          expect(bytes(residents.filter(({ kept }) => kept)) + needed).toBeGreaterThan(budget);
          return;
        }
        const left = residents.filter((resident) => !chosen.includes(resident));
        expect(bytes(left) + needed).toBeLessThanOrEqual(budget);
        expect(chosen.some(({ kept }) => kept)).toBe(false);
        const last = chosen.at(-1);
        if (last) expect(bytes(left) + last.footprintBytes + needed).toBeGreaterThan(budget);
        const rank = ({ busy, lastUsedMs }: { busy: boolean; lastUsedMs: number }) =>
          Number(busy) * 100 + lastUsedMs;
        for (const gone of chosen)
          for (const stays of left) if (!stays.kept) expect(rank(gone)).toBeLessThanOrEqual(rank(stays));
      },
    );
    fc.assert(property);
  });
});
