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

const signs = fc.array(fc.constantFrom('b', 'c', 'm', ' '), { maxLength: 60 }).map((list) => list.join(''));
const windows = fc.integer({ min: 1, max: 4 });

describe('the state machine', () => {
  it('fires after its time, and is over after its other time', () => {
    expect(episodes('cbbc')).toEqual([[1, 3]]);
    expect(episodes('cbcbbc', 2)).toEqual([[4, 5]]);
    expect(episodes('bcbcc', 1, 2)).toEqual([[0, 4]]);
    expect(fold(verdicts('cb'), length(2, 1)).phase).toBe('pending');
    expect(fold(verdicts('cbb'), length(2, 1)).phase).toBe('firing');
    expect(fold([], length(1, 1))).toEqual({
      ...{ phase: 'ok', episodes: [], judgedToMs: null, sureFromMs: null },
    });
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
  type Told = { firedMs: number; overMs: number | null };
  /** As the area does it with its tables: what was told, and up to where it was judged. */
  const watcher = (forWindows = 1, keepWindows = 1) => {
    let judgedToMs: number | null = null;
    let knownMs: number | null = null;
    const all: Told[] = [];
    return {
      all,
      look(text: string, fromDay = 0) {
        const open = all.find(({ overMs }) => overMs === null);
        const at = open ? { windowMs: open.firedMs, value: 0, limit: 0, n: 1 } : null;
        const seen = verdicts(text).filter(({ windowMs }) => windowMs >= T0 + fromDay * DAY);
        const folded = foldWith(seen, length(forWindows, keepWindows), at);
        const told = all.flatMap(({ firedMs, overMs }) =>
          overMs === null ? [] : [{ fromMs: firedMs, toMs: overMs }],
        );
        const steps = stepsOf(folded, at, { judgedToMs, knownMs, told });
        for (const step of steps) {
          if (step.do === 'resolve') {
            (open as Told).overMs = step.late ? (open as Told).firedMs : step.windowMs;
            continue;
          }
          const { firedMs } = step.episode;
          const overMs = step.do === 'was' ? step.episode.resolvedMs : null;
          // The very breach that was told before is opened again.
          const known = step.do === 'open' ? all.find((one) => one.firedMs === firedMs) : undefined;
          if (known) known.overMs = null;
          else all.push({ firedMs, overMs });
        }
        judgedToMs = Math.max(judgedToMs ?? 0, folded.judgedToMs ?? 0) || null;
        knownMs ??= judgedToMs;
        return steps.map((step) =>
          step.do === 'resolve'
            ? ['resolve', dayOf(step.windowMs), step.late]
            : step.do === 'was'
              ? ['was', dayOf(step.episode.firedMs), dayOf(step.episode.resolvedMs), step.late]
              : ['open', dayOf(step.episode.firedMs)],
        );
      },
    };
  };
  /** What each look tells. */
  const looks = (...texts: string[]) => {
    const { look } = watcher();
    return texts.map((text) => look(text));
  };

  it('at first sight is only what goes on', () => {
    expect(looks('bcbcc')).toEqual([[]]);
    expect(looks('bcbb')).toEqual([[['open', 2]]]);
    // Nor later, when it is looked at again.
    expect(looks('bcbcc', 'bcbccc')).toEqual([[], []]);
  });

  it('later is every breach, also one that began and ended since', () => {
    expect(looks('cc', 'ccbc')[1]).toEqual([['was', 2, 3, false]]);
    expect(looks('cc', 'ccbcb')[1]).toEqual([
      ['was', 2, 3, false],
      ['open', 4],
    ]);
  });

  it('is a breach that late rows made too, whether it goes on or is over, and once', () => {
    expect(looks('cccc', 'cbbb')[1]).toEqual([['open', 1]]);
    expect(looks('c', 'cccc', 'cbbc', 'cbbcc', 'cbcc')).toEqual([[], [], [['was', 1, 3, true]], [], []]);
    // Beside one that goes on.
    expect(looks('c', 'cccccb', 'cbcccb')).toEqual([[], [['open', 5]], [['was', 1, 2, true]]]);
    // Of what was there at first sight nothing is told, whatever comes late.
    expect(looks('cccc', 'cbcc')[1]).toEqual([]);
  });

  it('of an open alert is its end, and the next one', () => {
    expect(looks('cb', 'cbb')[1]).toEqual([]);
    expect(looks('cb', 'cbc')[1]).toEqual([['resolve', 2, false]]);
    expect(looks('cb', 'cbcb')[1]).toEqual([
      ['resolve', 2, false],
      ['open', 3],
    ]);
  });

  it('after late data is that its windows are not what they were', () => {
    expect(looks('cb', 'ccc')[1]).toEqual([['resolve', 2, true]]);
    // The breach began a day later than it was told: it is the same one, while it goes on and after.
    expect(looks('cb', 'ccb')[1]).toEqual([]);
    expect(looks('c', 'cbbc', 'ccbc')).toEqual([[], [['was', 1, 3, false]], []]);
    // One that was told as one, and has a gap now, is not told as two.
    expect(looks('cb', 'cbbbb', 'cbcbc')).toEqual([[['open', 1]], [], [['resolve', 4, false]]]);
    // Nothing is known of its window any more, nor of any later one.
    expect(looks('cb', 'c')[1]).toEqual([]);
    expect(looks('cb', '')[1]).toEqual([]);
  });

  it('does not hang on how many windows a look finds', () => {
    fc.assert(
      fc.property(
        signs,
        windows,
        windows,
        fc.array(fc.nat(60), { maxLength: 8 }),
        (text, forWindows, keepWindows, stops) => {
          const often = watcher(forWindows, keepWindows);
          const seldom = watcher(forWindows, keepWindows);
          const first = Math.min(text.length, 5);
          for (let upTo = first; upTo <= text.length; upTo++) often.look(text.slice(0, upTo));
          for (const upTo of [first, ...stops.filter((at) => at > first).toSorted((a, b) => a - b), 60])
            seldom.look(text.slice(0, upTo));
          expect(seldom.all).toEqual(often.all);
        },
      ),
    );
  });

  it('is told once, whatever comes late and however little of the past is looked at', () => {
    fc.assert(
      fc.property(
        fc.array(signs, { minLength: 1, maxLength: 6 }),
        windows,
        windows,
        fc.nat(30),
        (texts, forWindows, keepWindows, fromDay) => {
          const { all, look } = watcher(forWindows, keepWindows);
          for (const text of texts) {
            look(text);
            // What lies before an alert whose window is not known any more is looked at once that is over.
            look(text);
            expect(look(text)).toEqual([]);
            // The beginning leaves the range: what is cut there was told.
            if (!all.some(({ overMs }) => overMs === null)) expect(look(text, fromDay)).toEqual([]);
          }
          expect(new Set(all.map(({ firedMs }) => firedMs)).size).toBe(all.length);
        },
      ),
      { numRuns: 1_000 },
    );
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
