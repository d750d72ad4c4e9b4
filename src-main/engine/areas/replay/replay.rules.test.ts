import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../contract/common.ts';
import {
  checkColumns,
  createFrontier,
  createPace,
  evenSpan,
  type FileShape,
  replayRow,
} from './replay.rules.ts';

describe('simulated time', () => {
  it('runs at its speed, changes speed without a jump, and stands while it is held', () => {
    const pace = createPace(1_000, 50, 100);
    expect(pace.now(60)).toBe(2_000);
    pace.setSpeed(60, 10);
    expect(pace.now(60)).toBe(2_000);
    expect(pace.now(160)).toBe(3_000);
    pace.hold(200, 3_100);
    expect(pace.now(200)).toBe(3_100);
    expect(pace.now(210)).toBe(3_200);
    pace.hold(210, 9_999);
    expect(pace.now(210)).toBe(3_200);
  });
});

describe('frontier', () => {
  it('never passes an open row, never splits rows of one time, and counts exactly what is before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.nat(2), ok: fc.boolean() }), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat(1_000)),
        (plan, order) => {
          let atMs = 100;
          const rows = plan.map(({ gap, ok }) => {
            atMs += gap;
            return { atMs, ok };
          });
          const start = { ms: 100, sent: 7, failed: 3 };
          const frontier = createFrontier(start);
          const open: { at: number; settle: (ok: boolean) => void }[] = [];
          const done = new Set<number>();
          let next = 0;
          const check = () => {
            const position = frontier.position(rows[next]?.atMs ?? 10_000);
            const before = rows.map((row, at) => ({ ...row, at })).filter((row) => row.atMs < position.ms);
            expect(before.every(({ at }) => done.has(at))).toBe(true);
            expect(position.sent).toBe(7 + before.filter(({ ok }) => ok).length);
            expect(position.failed).toBe(3 + before.filter(({ ok }) => !ok).length);
          };
          for (const pick of order) {
            if (next < rows.length && (open.length === 0 || pick % 2 === 0)) {
              open.push({ at: next, settle: frontier.open(rows[next]?.atMs as number) });
              next += 1;
            } else if (open.length > 0) {
              const [chosen] = open.splice(pick % open.length, 1);
              if (!chosen) throw new Error('unreachable');
              done.add(chosen.at);
              chosen.settle(rows[chosen.at]?.ok as boolean);
            } else break;
            check();
          }
          expect(frontier.position(10_000).ms).toBe(10_000);
        },
      ),
    );
  });
});

describe('a row as a request', () => {
  const inputs: TensorSpec[] = [
    { name: 'temp', datatype: 'FP32', shape: [-1, 1] },
    { name: 'carrier', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'seats', datatype: 'INT64', shape: [-1] },
  ];
  const shape: FileShape = { columns: [], rows: 9, time: 'scheduled_ms', label: 'delayed' };
  const options = { pass: 2, inputs, shape, evenFromMs: 0 };
  const raw = {
    row_id: 41,
    flight_key: 'UA1',
    scheduled_ms: 1_000n,
    arrival_ms: 5_000n,
    temp: null,
    carrier: 'UA',
    seats: 180n,
    delayed: true,
  };

  it('carries the values, missing ones as null, and ids that differ from pass to pass only', () => {
    const row = replayRow(raw, 0, options);
    expect(row.id).toBe('41-2');
    expect(JSON.parse(row.body())).toEqual({
      id: '41-2',
      parameters: { lathe_event_ms: 1_000, lathe_unit: 'UA1' },
      inputs: [
        { name: 'temp', datatype: 'FP32', shape: [1, 1], data: [null] },
        { name: 'carrier', datatype: 'BYTES', shape: [1, 1], data: ['UA'] },
        { name: 'seats', datatype: 'INT64', shape: [1], data: [180] },
      ],
    });
    expect(replayRow(raw, 0, { ...options, pass: 3 }).id).toBe('41-3');
  });

  it('has its label two hours after the arrival, and none where the file has none', () => {
    expect(replayRow(raw, 0, options).label).toEqual({ text: '1', dueMs: 5_000 + 7_200_000 });
    expect(replayRow({ ...raw, delayed: null }, 0, options).label).toBeNull();
    expect(replayRow(raw, 0, { ...options, shape: { ...shape, label: null } }).label).toBeNull();
  });

  it('is paced evenly, without a unit, when the file says neither time nor flight', () => {
    const row = replayRow({ temp: 1, carrier: 'x', seats: 1 }, 3, {
      ...options,
      shape: { ...shape, time: null, label: null },
      evenFromMs: 600_000,
    });
    expect(row).toMatchObject({ atMs: 780_000, id: '3-2' });
    expect(JSON.parse(row.body()).parameters).toEqual({ lathe_event_ms: 780_000 });
    expect(evenSpan(10, 1_000_000)).toEqual({ fromMs: 420_000, toMs: 1_020_000 });
  });

  it('names every input that a file lacks', () => {
    expect(() => checkColumns('f.parquet', 'e', ['temp'], inputs)).toThrow(
      'f.parquet lacks columns that e needs: carrier, seats.',
    );
    expect(() =>
      checkColumns('f.parquet', 'e', ['x'], [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }]),
    ).toThrow('x (4 values a row)');
    checkColumns('f.parquet', 'e', ['temp', 'carrier', 'seats', 'more'], inputs);
  });
});
