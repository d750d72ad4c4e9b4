/**
 * Data sets for comparing the exact methods with the genuine packages: the frozen ones, whose scores by the genuine packages are in
 * goldens.json (made by `node conformance/monitoring/run.mjs --freeze`), and random ones for a live comparison. Made
 * by arithmetic alone, so that they are the same on every machine.
 */
import { Mersenne } from '../../../statistics/mersenne.ts';
import {
  asCategories,
  type CategoricalSample,
  categoricalSample,
  columnKind,
  numericSample,
  type Sample,
  type SourceType,
} from './index.ts';

export type Side = readonly (number | string | null)[];
export type Case = { name: string; type: SourceType; reference: Side; current: Side };

/** From 0 to 1, 32 bits. */
type Draw = () => number;

const drawer = (seed: number): Draw => {
  const random = new Mersenne(seed);
  return () => random.next() / 2 ** 32;
};

const times = <T>(n: number, of: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => of(at));
/** A sum of twelve uniforms: about normal. */
const normal = (draw: Draw): number => times(12, draw).reduce((sum, value) => sum + value, -6);
const rounded = (value: number, step: number): number => Math.round(value / step) * step;
const word = (at: number): string => `category ${at}`;
/** Low numbers are commoner. */
const skewed = (draw: Draw, many: number): number => Math.min(many - 1, Math.floor(draw() ** 3 * many));

function numbers(
  name: string,
  sizes: readonly [number, number],
  shift: number,
  make: (draw: Draw, shift: number) => number,
  type: SourceType = 'float',
): Case {
  const draw = drawer(name.length * 7919 + sizes[0] * 31 + sizes[1]);
  return {
    name,
    type,
    reference: times(sizes[0], () => make(draw, 0)),
    current: times(sizes[1], () => make(draw, shift)),
  };
}

function categories(
  name: string,
  sizes: readonly [number, number],
  many: readonly [number, number],
  offset = 0,
): Case {
  const draw = drawer(name.length * 104_729 + sizes[0] * 37 + sizes[1]);
  return {
    name,
    type: 'text',
    reference: times(sizes[0], () => word(skewed(draw, many[0]))),
    current: times(sizes[1], () => word(offset + skewed(draw, many[1]))),
  };
}

const plain = (draw: Draw, shift: number) => normal(draw) + shift;
const tied = (draw: Draw, shift: number) => rounded(normal(draw) + shift, 0.25);
const whole = (draw: Draw, shift: number) => Math.floor(draw() * 40 + shift);

/** The sizes at which a method or a formula changes, ties, few values, extremes, and what is no number. */
export function frozenCases(): Case[] {
  const of = (value: number | string, n: number): Side => times(n, () => value);
  const some = drawer(5);
  return [
    numbers('1,000 rows', [1000, 900], 0.1, plain),
    numbers('1,001 rows', [1001, 900], 0.1, plain),
    numbers('equal sizes', [700, 700], 0.15, plain),
    numbers('sizes with a common divisor', [600, 900], 0.15, plain),
    numbers('10,000 current rows', [1000, 10_000], 0.03, plain),
    numbers('10,001 current rows', [1000, 10_001], 0.03, plain),
    numbers('10,001 current rows, far off', [1000, 10_001], 1.5, plain),
    numbers('10,001 current rows, hardly off', [1000, 10_001], 0, plain),
    numbers('10,000 rows on both sides', [10_000, 10_000], 0.02, plain),
    numbers('10,001 rows on both sides', [10_001, 10_001], 0.02, plain),
    numbers('a small reference and many rows', [60, 12_000], 0.3, plain),
    numbers('a tiny reference and many rows', [5, 12_000], 0.5, plain),
    numbers('one row against many', [1, 300], 0, plain),
    numbers('many rows against one', [300, 1], 0, plain),
    numbers('one row on each side', [1, 1], 1, plain),
    numbers('two rows on each side', [2, 2], 1, plain),
    numbers('seven rows on each side', [7, 7], 0, (draw) => Math.floor(draw() * 2)),
    {
      name: 'an exact p that rounding puts above 1',
      type: 'float',
      reference: [0, 1, 1, 1, 0, 1, 0],
      current: [0, 0, 1, 1, 0, 1, 0],
    },
    numbers('ties', [800, 650], 0.2, tied),
    numbers('ties, many rows', [4000, 3000], 0.05, tied),
    numbers('ties, equal sizes', [500, 500], 0.25, tied),
    numbers('20 distinct values', [900, 700], 3, (draw, shift) => Math.floor(draw() * 20 + shift)),
    numbers('21 distinct values', [900, 700], 3, (draw, shift) => Math.floor(draw() * 21 + shift)),
    numbers('few in the reference, any in the current', [1500, 800], 0.5, (draw, shift) =>
      shift === 0 ? Math.floor(draw() * 8) : draw() * 8,
    ),
    numbers('5 distinct numbers', [400, 300], 0.4, (draw, shift) =>
      Math.min(4, Math.floor(draw() * 5 + shift)),
    ),
    numbers('5 distinct numbers, many rows', [1400, 300], 0.4, (draw, shift) =>
      Math.min(4, Math.floor(draw() * 5 + shift)),
    ),
    numbers('6 distinct numbers', [400, 300], 0.4, (draw, shift) =>
      Math.min(5, Math.floor(draw() * 6 + shift)),
    ),
    numbers('3 distinct numbers', [400, 300], 0.2, (draw, shift) =>
      Math.min(2, Math.floor(draw() * 3 + shift)),
    ),
    numbers('2 distinct numbers', [400, 300], 0.1, (draw, shift) => (draw() < 0.3 + shift ? 1 : 0)),
    numbers('2 distinct numbers, far off', [900, 800], 0.6, (draw, shift) => (draw() < 0.3 + shift ? 1 : 0)),
    numbers('2 distinct numbers, many rows', [1400, 300], 0.1, (draw, shift) =>
      draw() < 0.3 + shift ? 1 : 0,
    ),
    { name: 'one constant', type: 'float', reference: of(3, 200), current: of(3, 100) },
    { name: 'one constant, many rows', type: 'float', reference: of(3, 1200), current: of(3, 100) },
    { name: 'two constants', type: 'float', reference: of(3, 200), current: of(4, 100) },
    { name: 'two constants, many rows', type: 'float', reference: of(3, 1200), current: of(4, 100) },
    numbers('huge values', [1200, 900], 0.2, (draw, shift) => (normal(draw) + shift) * 1e100),
    numbers('tiny values', [1200, 900], 0.2, (draw, shift) => (normal(draw) + shift) * 1e-100),
    numbers('far from zero', [1200, 900], 0.2, (draw, shift) => normal(draw) + shift + 1e9),
    numbers('one value far off', [1200, 900], 0.1, (draw, shift) =>
      draw() < 0.002 ? 1e6 : normal(draw) + shift,
    ),
    numbers('zeros of both signs', [300, 300], 0.1, (draw, shift) =>
      draw() < 0.5 + shift ? -0 : rounded(draw(), 0.2),
    ),
    numbers('no drift at all, many rows', [30_000, 20_000], 0, plain),
    numbers('whole numbers', [900, 800], 4, whole, 'integer'),
    numbers('whole numbers, many rows', [2500, 2000], 1, whole, 'integer'),
    numbers(
      'whole numbers, wide bins',
      [300_000, 260_000],
      1,
      (draw, shift) => Math.floor(draw() * 21 + shift),
      'integer',
    ),
    numbers(
      '10 whole numbers',
      [900, 800],
      1,
      (draw, shift) => Math.min(9, Math.floor(draw() * 10 + shift)),
      'integer',
    ),
    numbers(
      '11 whole numbers',
      [900, 800],
      1,
      (draw, shift) => Math.min(10, Math.floor(draw() * 11 + shift)),
      'integer',
    ),
    {
      name: 'not finite and missing values',
      type: 'float',
      reference: times(1300, (at) => [null, Number.NaN, Infinity, -Infinity][at % 9] ?? normal(some)),
      current: times(700, (at) => (at % 5 === 0 ? Number.NaN : at % 7 === 0 ? null : normal(some) + 0.2)),
    },
    {
      name: '1,001 rows, 999 of them finite',
      type: 'float',
      reference: times(1001, (at) => (at < 2 ? Infinity : normal(some))),
      current: times(700, () => normal(some) + 0.2),
    },
    categories('categories', [800, 700], [6, 7]),
    categories('categories, many rows', [1800, 700], [6, 7]),
    categories('many categories', [5000, 4000], [300, 280]),
    categories('few rows of many categories', [900, 700], [200, 260]),
    categories('two categories', [500, 420], [2, 2]),
    categories('two categories, many rows', [1500, 420], [2, 2]),
    categories('none seen before', [600, 500], [5, 5], 100),
    categories('none seen before, many rows', [1600, 500], [5, 5], 100),
    { name: 'one category', type: 'text', reference: of('a', 300), current: of('a', 200) },
    { name: 'another category', type: 'text', reference: of('a', 300), current: of('b', 200) },
    {
      name: 'categories with missing values',
      type: 'text',
      reference: times(900, (at) => (at % 7 === 0 ? null : word(skewed(some, 4)))),
      current: times(800, (at) => (at % 3 === 0 ? null : word(skewed(some, 4)))),
    },
  ];
}

/** `count` cases of any shape and size; the same seed gives the same ones. */
export function randomCases(seed: number, count: number): Case[] {
  const draw = drawer(seed);
  const sizeOf = () => Math.max(1, Math.floor(10 ** (draw() * 4.3)));
  return times(count, (at) => {
    const equal = draw() < 0.25;
    const n = sizeOf();
    const m = equal ? n : sizeOf();
    const shift = draw() < 0.3 ? 0 : draw() ** 2 * 2;
    const shape = Math.floor(draw() * 6);
    const name = `random ${at}: ${n} and ${m} rows, shape ${shape}, shift ${shift}`;
    const make = [
      plain,
      tied,
      (each: Draw, by: number) => each() ** 4 * 1000 + by,
      (each: Draw, by: number) => Math.floor(each() * 7 + by),
      (each: Draw, by: number) => (each() < 0.4 + by / 5 ? 1 : 0),
    ][shape];
    const own = drawer(Math.floor(draw() * 2 ** 32));
    if (make)
      return {
        name,
        type: 'float',
        reference: times(n, () => make(own, 0)),
        current: times(m, () => make(own, shift)),
      };
    const many = Math.floor(2 + draw() * 40);
    return {
      name,
      type: 'text',
      reference: times(n, () => word(skewed(own, many))),
      current: times(m, () => word(skewed(own, many + Math.floor(shift)))),
    };
  });
}

/** The two sides as the methods take them, read as the current side says; null for prose. */
export function samplesOf({ type, reference, current }: Case): { reference: Sample; current: Sample } | null {
  const there = current.filter((value) => value !== null);
  const kind = columnKind(type, there.length, new Set(there).size);
  if (kind === 'text') return null;
  const read = (side: Side) => (kind === 'numeric' ? numeric(side, type) : categorical(side, type));
  return { reference: read(reference), current: read(current) };
}

const numeric = (side: Side, type: SourceType) =>
  numericSample(
    side.map((value) => (typeof value === 'number' ? value : Number.NaN)),
    type === 'integer',
  );

const categorical = (side: Side, type: SourceType): CategoricalSample =>
  type === 'integer'
    ? asCategories(numeric(side, type))
    : categoricalSample(side.filter((value) => value !== null).map(String));
