import { expect, it } from 'vitest';
import { nextTurn } from './turns.ts';

it('lets those that wait go on in their order, one in each turn of the event loop', async () => {
  let turn = 0;
  let on = true;
  const count = () => {
    turn += 1;
    if (on) setImmediate(count);
  };
  setImmediate(count);
  const seen: [string, number][] = [];
  const work = async (name: string) => {
    for (let slice = 0; slice < 3; slice++) {
      await nextTurn();
      seen.push([name, turn]);
    }
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  on = false;
  expect(seen.map(([name]) => name).join('')).toBe('abcabcabc');
  expect(new Set(seen.map(([, at]) => at)).size).toBe(9);
});
