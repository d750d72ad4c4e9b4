import { expect, it } from 'vitest';
import { timeIn } from './metrics.ts';

it('takes a time with its zone, a day or milliseconds, and nothing that this machine would read as its own time', () => {
  expect(timeIn('2026-11-26T10:00Z')).toBe(Date.UTC(2026, 10, 26, 10));
  expect(timeIn('2026-11-26T10:00:30.5+01:00')).toBe(Date.UTC(2026, 10, 26, 9, 0, 30, 500));
  expect(timeIn('2026-11-26')).toBe(Date.UTC(2026, 10, 26));
  expect(timeIn('1790000000000')).toBe(1_790_000_000_000);
  for (const text of ['', 'now', '2026-11-26T10:00', '2026-13-01', '1790000000', '26.11.2026'])
    expect(() => timeIn(text), text).toThrow('--at is a time');
});
