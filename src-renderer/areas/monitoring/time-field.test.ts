import { expect, test } from 'vitest';
import { fieldToMs, msToField } from './time-field.ts';

test('a moment goes into the field and back, in UTC', () => {
  const at = Date.UTC(2013, 2, 15, 8, 30);
  expect(msToField(at)).toBe('2013-03-15T08:30');
  expect(fieldToMs(msToField(at))).toBe(at);
});

test.each(['', '2013-03-15', '2013-13-15T08:30', 'yesterday', '1969-01-01T00:00'])(
  '%s is no moment',
  (text) => expect(fieldToMs(text)).toBeNull(),
);
