/** For tests only: made-up tests with known truth, from a seed. */
import { addChange, emptySums, type Sums, type UnitTotal } from './moments.rules.ts';
import { difference, type Interval } from './sequence.rules.ts';

export type Random = () => number;

/** mulberry32: small, and good enough to play a game of chance with. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export type Made = {
  looks: number;
  /** Which unit comes at a look; by default a new one each time. */
  unit?: (look: number, random: Random) => number;
  /** Share of the other arm at a look, and the period that this share makes. */
  share(look: number): { share: number; period: number };
  /** The value that a unit gets in an arm (1 is the other one). */
  value(random: Random, arm: 0 | 1, look: number, unit: number): number;
  binary: boolean;
  alpha?: number;
};

export type Seen = {
  /** The interval left the truth out at some look. */
  falseAlarm: boolean;
  /** So did the usual 95 % interval, which is for one look. */
  naiveAlarm: boolean;
  /** The look at which 0 was first left out. */
  decidedAt: number | null;
  last: Interval | null;
};

/** Plays it once and looks every `every` values. `truth` is the effect that the interval should hold. */
export function play(made: Made, seed: number, truth = 0, every = 1): Seen {
  const random = seeded(seed);
  const places: number[] = [];
  const firsts: number[] = [];
  const totals = new Map<number, UnitTotal>();
  const base: Sums[] = [];
  const other: Sums[] = [];
  const seen: Seen = { falseAlarm: false, naiveAlarm: false, decidedAt: null, last: null };
  for (let look = 0; look < made.looks; look++) {
    const { share, period } = made.share(look);
    const unit = made.unit?.(look, random) ?? look;
    // Sticky: a unit draws its place once, and the share says to which arm that belongs.
    places[unit] ??= random();
    const arm = (places[unit] as number) < share ? 1 : 0;
    firsts[unit] ??= period;
    base[period] ??= emptySums();
    other[period] ??= emptySums();
    const value = made.value(random, arm, look, unit);
    let before: UnitTotal = NONE;
    let after: UnitTotal = { y: value, n: 1 };
    if (made.unit) {
      const key = (unit * 64 + period) * 2 + arm;
      before = totals.get(key) ?? NONE;
      after = { y: before.y + value, n: before.n + 1 };
      totals.set(key, after);
    }
    addChange((arm === 1 ? other : base)[period] as Sums, before, after, (firsts[unit] as number) < period);
    if (look % every !== 0) continue;
    const found = difference(base, other, made.alpha ?? 0.05, made.binary);
    if (!found) continue;
    const { interval, effect, baseVariance, otherVariance } = found;
    seen.last = interval;
    if (interval.low > truth || interval.high < truth) seen.falseAlarm = true;
    if (Math.abs(effect - truth) > 1.96 * Math.sqrt(baseVariance + otherVariance)) seen.naiveAlarm = true;
    if (seen.decidedAt === null && (interval.low > 0 || interval.high < 0)) seen.decidedAt = look;
  }
  return seen;
}

const NONE: UnitTotal = { y: 0, n: 0 };
