import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alignedTracks,
  checkHeader,
  pointOfRow,
  pointsOf,
  t975,
  timeIn,
  type WindowRow,
} from './business-metrics.rules.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 26, 12);

describe('times in a file', () => {
  it('are UTC where they name no zone, whatever the zone of this machine', () => {
    const noon = Date.UTC(2026, 10, 26, 12);
    for (const text of ['2026-11-26T12:00Z', '2026-11-26 12:00', '2026-11-26T13:00+01:00', `${noon}`])
      expect(timeIn(text), text).toBe(noon);
    expect(timeIn('2026-11-26')).toBe(Date.UTC(2026, 10, 26));
    expect(timeIn('2026-11-26T12:00:01.5-0000')).toBe(noon + 1_500);
  });

  it('that are none are said to be', () => {
    for (const text of ['', 'soon', '26/11/2026', '2026-13-01', '2026-06-31', '2026-11-26T25:00', 'NaN'])
      expect(() => timeIn(text), text).toThrow(/^at: /);
    expect(() => timeIn('1790000000')).toThrow('looks like seconds');
  });

  it('come back from what they are written as', () => {
    const any = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
    fc.assert(fc.property(any, (ms) => timeIn(new Date(ms).toISOString()) === ms));
  });
});

describe('a row of a file', () => {
  const header = ['name', 'at', 'value', 'key'];
  const row = (...cells: string[]) => pointOfRow(header, cells, undefined, NOW);

  it('is a point', () => {
    expect(row('bookings', '2026-11-26', ' 1.5e2 ', '')).toEqual({
      ...{ name: 'bookings', atMs: Date.UTC(2026, 10, 26), value: 150 },
    });
    expect(pointOfRow(['value', 'at'], ['-3', '0000000000000'], 'bookings', NOW)).toMatchObject({
      value: -3,
    });
  });

  it('says what is wrong with it', () => {
    for (const value of ['NaN', 'Infinity', '-inf', '1e999', '1,5', '0x10', '12 EUR'])
      expect(() => row('b', '2026-11-26', value, ''), value).toThrow('is not a finite number');
    expect(() => row('b', '2026-11-26', '', '')).toThrow('value: it is empty');
    expect(() => row('b', '2027-11-26', '1', '')).toThrow('more than a day ahead');
    expect(() => row('', '2026-11-26', '1', '')).toThrow('name: ');
    expect(() => row('b', '2026-11-26', '1')).toThrow('3 cells where the header has 4');
  });

  it('needs the columns that it is read by', () => {
    const refusal = (columns: string[], metric?: string) => {
      try {
        checkHeader('a.csv', columns, metric);
      } catch (thrown) {
        return (thrown as Error).message;
      }
      return null;
    };
    expect(refusal(['at', 'value'], 'bookings')).toBeNull();
    expect(refusal(['name', 'at', 'value', 'key'])).toBeNull();
    expect(refusal(['at', 'value'])).toContain('no column name (it has at, value)');
    expect(refusal(['date', 'amount'], 'b')).toContain('no column at, value');
    expect(refusal(['at', 'value', 'at'], 'b')).toContain('the column at twice');
    expect(refusal(['at', 'value', 'note'], 'b')).toContain('a column note');
  });
});

describe('a window', () => {
  it('has the interval of its mean, from two values on', () => {
    const window: WindowRow = { windowMs: 0, n: 3, mean: 2, squares: 2, sum: 6, last: 3 };
    const [mean] = pointsOf([window], 'mean', 'day', NOW);
    // 4.3027 · √(1 / 3)
    expect(mean).toMatchObject({ value: 2, n: 3, complete: true });
    expect((mean?.high ?? 0) - 2).toBeCloseTo(4.302652729911275 / Math.sqrt(3), 9);
    expect(pointsOf([window], 'sum', 'day', NOW)[0]).toMatchObject({ value: 6, low: null, high: null });
    expect(pointsOf([window], 'last', 'day', NOW)[0]).toMatchObject({ value: 3, low: null });
    expect(pointsOf([{ ...window, n: 1, squares: 0 }], 'mean', 'day', NOW)[0]?.low).toBeNull();
  });

  it('of a sum is complete only when a later one has values', () => {
    const at = (windowMs: number): WindowRow => ({ windowMs, n: 1, mean: 1, squares: 0, sum: 1, last: 1 });
    const today = NOW - (NOW % DAY);
    const rows = [at(today - 2 * DAY), at(today - DAY), at(today)];
    const complete = (combine: 'sum' | 'last') =>
      pointsOf(rows, combine, 'day', NOW).map((point) => point.complete);
    expect(complete('last')).toEqual([true, true, false]);
    expect(pointsOf(rows.slice(0, 2), 'sum', 'day', NOW).map((point) => point.complete)).toEqual([
      true,
      false,
    ]);
  });

  it('uses Student’s t as its tables have it', () => {
    // NIST e-Handbook §1.3.6.7.2.
    const table: [number, number][] = [
      [1, 12.706],
      [2, 4.303],
      [3, 3.182],
      [4, 2.776],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [100, 1.984],
    ];
    for (const [freedom, expected] of table)
      expect(Math.abs(t975(freedom) / expected - 1), `${freedom}`).toBeLessThan(0.002);
  });
});

describe('two tracks', () => {
  const track = (...places: number[]) => places.map((at) => ({ windowMs: at * DAY, value: at }));

  it('are laid on the windows that both reach', () => {
    expect(alignedTracks(track(1, 2, 4, 5), track(2, 3, 5, 9), 'day')).toEqual({
      ...{ model: [2, null, 4, 5], metric: [2, 3, null, 5] },
    });
    expect(alignedTracks(track(1), track(2), 'day')).toEqual({ model: [], metric: [] });
    expect(alignedTracks([], track(2), 'day')).toEqual({ model: [], metric: [] });
    // A value of 1970 makes no list of a million windows.
    expect(alignedTracks(track(0, 20_000), track(0, 20_000), 'hour').model.length).toBeLessThanOrEqual(4_000);
  });
});
