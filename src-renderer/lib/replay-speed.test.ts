import { expect, it } from 'vitest';
import { REPLAY_SPEEDS } from '../../src-main/contract/replay.ts';
import { speedLabel } from './replay-speed.ts';

it('says how much simulated time passes in a second', () => {
  expect(REPLAY_SPEEDS.map(speedLabel)).toEqual([
    '1 h per second',
    '3 h per second',
    '6 h per second',
    '12 h per second',
    '1 d per second',
    '2 d per second',
  ]);
  expect([1, 30, 90].map(speedLabel)).toEqual(['real time', '30× real time', '1.5 min per second']);
});
