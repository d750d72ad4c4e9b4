/** The state machine: its laws, and what it does to noise. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type Verdict } from './judge.rules.ts';
import { fold, foldWith, stepsOf } from './machine.rules.ts';
import { DAY, day, rule, series, T0 } from './testing-alerts.ts';

const length = (forWindows: number, keepWindows: number) => ({ forWindows, keepWindows, sizeMs: DAY });
/** b breach, c clear, m between, a space is a window of which nothing is known. */
const verdicts = (text: string): Verdict[] =>
  [...text].flatMap((sign, at): Verdict[] => {
    const state = { b: 'breach', c: 'clear', m: 'between' }[sign] as Verdict['state'] | undefined;
    return state ? [{ windowMs: T0 + at * DAY, value: at, limit: 0, n: 1, state }] : [];
  });
const dayOf = (ms: number | null) => (ms === null ? null : (ms - T0) / DAY);
const episodes = (text: string, forWindows = 1, keepWindows = 1) =>
  fold(verdicts(text), length(forWindows, keepWindows)).episodes.map(({ firedMs, resolvedMs }) => [
    dayOf(firedMs),
    dayOf(resolvedMs),
  ]);

describe('the state machine', () => {
  it('fires after its time, and is over after its other time', () => {
    expect(episodes('cbbc')).toEqual([[1, 3]]);
    expect(episodes('cbcbbc', 2)).toEqual([[4, 5]]);
    expect(episodes('bcbcc', 1, 2)).toEqual([[0, 4]]);
    expect(fold(verdicts('cb'), length(2, 1)).phase).toBe('pending');
    expect(fold(verdicts('cbb'), length(2, 1)).phase).toBe('firing');
    expect(fold([], length(1, 1))).toEqual({ phase: 'ok', episodes: [], judgedToMs: null });
  });

  it('neither fires nor ends between the two limits', () => {
    expect(episodes('mmm')).toEqual([]);
    expect(episodes('bmmmc')).toEqual([[0, 4]]);
    expect(episodes('bcmc', 1, 2)).toEqual([[0, null]]);
    expect(episodes('bmb', 2)).toEqual([]);
  });

  it('passes over windows of which nothing is known, but not over too many', () => {
    expect(episodes('b b', 2)).toEqual([[2, null]]);
    expect(episodes('b   b', 2)).toEqual([]);
    expect(episodes('b         ')).toEqual([[0, null]]);
    expect(episodes('b         c')).toEqual([[0, 10]]);
  });

  const signs = fc.array(fc.constantFrom('b', 'c', 'm', ' '), { maxLength: 60 }).map((list) => list.join(''));
  const windows = fc.integer({ min: 1, max: 4 });

  it('never has two breaches at once, and each holds as long as it must', () => {
    fc.assert(
      fc.property(signs, windows, windows, (text, forWindows, keepWindows) => {
        const found = fold(verdicts(text), length(forWindows, keepWindows)).episodes;
        const judged = verdicts(text);
        const at = new Map(judged.map(({ windowMs }, place) => [windowMs, place]));
        let last = Number.NEGATIVE_INFINITY;
        for (const [place, { firedMs, resolvedMs }] of found.entries()) {
          expect(firedMs).toBeGreaterThan(last);
          const fired = at.get(firedMs) as number;
          for (let back = 0; back < forWindows; back++) expect(judged[fired - back]?.state).toBe('breach');
          if (resolvedMs === null) {
            expect(place).toBe(found.length - 1);
            return;
          }
          const over = at.get(resolvedMs) as number;
          for (let back = 0; back < keepWindows; back++) expect(judged[over - back]?.state).toBe('clear');
          last = resolvedMs;
        }
      }),
    );
  });

  it('comes to the same when it goes on from an open alert as when it begins at the beginning', () => {
    fc.assert(
      fc.property(signs, windows, windows, fc.nat(60), (text, forWindows, keepWindows, cut) => {
        const all = verdicts(text);
        const whole = fold(all, length(forWindows, keepWindows));
        const before = fold(all.slice(0, cut), length(forWindows, keepWindows));
        const open = before.episodes.at(-1);
        if (!open || open.resolvedMs !== null) return;
        // As if the windows up to the alert's own had left the range.
        const rest = foldWith(
          all.filter(({ windowMs }) => windowMs > open.firedMs),
          length(forWindows, keepWindows),
          { ...open, windowMs: open.firedMs },
        );
        expect(rest.phase).toBe(whole.phase);
        expect(rest.episodes).toEqual(whole.episodes.slice(before.episodes.length - 1));
      }),
    );
  });

  it('is not moved by windows without data at the end', () => {
    fc.assert(
      fc.property(signs, windows, windows, fc.nat(20), (text, forWindows, keepWindows, gap) => {
        const rules = length(forWindows, keepWindows);
        expect(fold(verdicts(text + ' '.repeat(gap)), rules)).toEqual(fold(verdicts(text), rules));
      }),
    );
  });
});

describe('what is told', () => {
  const steps = (text: string, open: number | null, judgedTo: number | null) =>
    stepsOf(
      foldWith(
        verdicts(text),
        length(1, 1),
        open === null ? null : { windowMs: T0 + open * DAY, value: 0, limit: 0, n: 1 },
      ),
      open === null ? null : { windowMs: T0 + open * DAY },
      judgedTo === null ? null : T0 + judgedTo * DAY,
    ).map((step) =>
      step.do === 'open'
        ? ['open', dayOf(step.episode.firedMs)]
        : ['resolve', dayOf(step.windowMs), step.late],
    );

  it('at first sight is only what goes on', () => {
    expect(steps('bcbcc', null, null)).toEqual([]);
    expect(steps('bcbb', null, null)).toEqual([['open', 2]]);
  });

  it('later is every breach, also one that began and ended since', () => {
    expect(steps('ccbc', null, 1)).toEqual([
      ['open', 2],
      ['resolve', 3, false],
    ]);
    expect(steps('ccbcb', null, 1)).toEqual([
      ['open', 2],
      ['resolve', 3, false],
      ['open', 4],
    ]);
    // What is past and was judged before is not told for the first time now.
    expect(steps('bccc', null, 2)).toEqual([]);
    // One that late rows made, and that goes on, is.
    expect(steps('cbbb', null, 3)).toEqual([['open', 1]]);
  });

  it('of an open alert is its end, and the next one', () => {
    expect(steps('cbb', 1, 1)).toEqual([]);
    expect(steps('cbc', 1, 1)).toEqual([['resolve', 2, false]]);
    expect(steps('cbcb', 1, 1)).toEqual([
      ['resolve', 2, false],
      ['open', 3],
    ]);
  });

  it('after late data is that its windows are not what they were', () => {
    expect(steps('ccc', 1, 1)).toEqual([['resolve', 2, true]]);
    // The breach began a day later than it was told: it is the same one.
    expect(steps('ccb', 1, 1)).toEqual([]);
    // Nothing is known of its window any more, nor of any later one.
    expect(steps('c', 1, 1)).toEqual([]);
    expect(steps('', 1, 1)).toEqual([]);
  });
});

describe('noise', () => {
  /** mulberry32: the same numbers every time. */
  const numbers = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const run = (values: number[], part: Parameters<typeof rule>[0]) => {
    const input = rule(part);
    const found = judge(series(values.map((value, at) => day(at, value))), input);
    return fold(found, { ...input, sizeMs: DAY }).episodes;
  };

  it('that is stationary fires as often as the threshold promises', () => {
    const next = numbers(7);
    const count = 200_000;
    const values = Array.from({ length: count }, next);
    const exit = 0.9;
    // Uniform values over 0.9: a breach begins where one in ten follows one that ended it. Its mean length is 1 / 0.9.
    const once = run(values, {
      condition: { kind: 'threshold', direction: 'above', value: exit, exit },
    }).length;
    expect(Math.abs(once / (count * 0.1 * 0.9) - 1)).toBeLessThan(0.05);
    // Two in a row, of independent windows: the mean time to two successes is (1 + p) / p², and 1 / (1 − p) to get out.
    const twice = run(values, {
      condition: { kind: 'threshold', direction: 'above', value: exit, exit },
      forWindows: 2,
    }).length;
    const cycle = 1.1 / 0.01 + 1 / 0.9;
    expect(Math.abs(twice / (count / cycle) - 1)).toBeLessThan(0.05);
  });

  it('that flaps around the limit makes one alert, not hundreds', () => {
    const next = numbers(3);
    // A drift that stays, read with noise: 0.25 ± 0.04.
    const values = Array.from({ length: 1_000 }, () => 0.25 + 0.08 * (next() - 0.5));
    expect(run(values, { keepWindows: 2 })).toHaveLength(1);
    // What it would be without a way out that differs from the way in.
    const bare = { condition: { kind: 'threshold', direction: 'above', value: 0.25, exit: 0.25 } };
    expect(run(values, bare).length).toBeGreaterThan(200);
  });
});
