/** An axis over one value of each run: a number, a moment, a name. Pure. */
import { formatDateTime, formatDuration } from '../lib/format.ts';
import { airy, type Range } from './curve.ts';
import { durationTicks, readValue, tickLabel } from './format.ts';
import { scaleOf } from './scale.ts';

export type ValueKind = 'number' | 'time' | 'duration';

export type ValueColumn = {
  id: string;
  title: string;
  kind: ValueKind;
  /** Names in the order of the axis; null for numbers. */
  categories: readonly string[] | null;
  /** NaN where a run has no value. */
  values: Float64Array;
};

export type ValueAxis = ValueColumn & {
  log: boolean;
  /** Lower and upper end; names have half a place of air around them. */
  range: Range;
  /** Some runs have no value. */
  missing: boolean;
};

/** Where lines of runs without a value pass, below the axis. */
export const NONE_SHARE = -0.075;
/** From here on, powers of ten apart, numbers are laid out by their logarithm. */
const MUCH = 50;

/** `log` null: as the values suggest. */
export function valueAxis(column: ValueColumn, log: boolean | null): ValueAxis {
  const { values, categories, kind } = column;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let missing = false;
  for (const value of values) {
    if (Number.isNaN(value)) missing = true;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (categories)
    return { ...column, log: false, range: [-0.5, Math.max(0.5, categories.length - 0.5)], missing };
  const canLog = low > 0 && kind === 'number';
  const isLog = canLog && (log ?? high / low >= MUCH);
  if (!(low <= high)) return { ...column, log: false, range: [0, 1], missing };
  const range: Range = low === high ? airy([low, high], isLog) : [low, high];
  return { ...column, log: isLog, range, missing };
}

/** 0 at the lower end, 1 at the upper; `NONE_SHARE` for a run without a value. */
export function sharesOf(axis: ValueAxis): Float32Array {
  const scale = scaleOf(axis.range, axis.log);
  return Float32Array.from(axis.values, (value) => (Number.isNaN(value) ? NONE_SHARE : scale.share(value)));
}

/** A value of the axis in words; an en dash for none. */
export function valueText({ categories, kind }: ValueColumn, value: number): string {
  if (Number.isNaN(value)) return 'none';
  if (categories) return categories[Math.round(value)] ?? 'none';
  if (kind === 'time') return formatDateTime(value);
  if (kind === 'duration') return formatDuration(value);
  return readValue(value, 'number');
}

export type Tick = { value: number; label: string };

/** About `most` ticks at round values; fewer where names or powers of ten are fewer. */
export function ticksOf(axis: ValueAxis, most: number): Tick[] {
  const { categories, range, log, kind } = axis;
  if (categories) {
    const every = Math.max(1, Math.ceil(categories.length / most));
    return categories.flatMap((label, value) => (value % every === 0 ? [{ value, label }] : []));
  }
  const [low, high] = range;
  if (log && Math.log10(high / low) >= 1) {
    const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const every = Math.max(1, Math.ceil((to - from + 1) / most));
    return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, at) => {
      const value = 10 ** (from + at * every);
      return { value, label: tickLabel(value, value, 'number') };
    });
  }
  const step = kind === 'number' ? roundStep((high - low) / most) : (high - low) / Math.min(most, 4);
  const first = kind === 'number' ? Math.ceil(low / step - 1e-9) * step : low;
  // Counted, not summed up: where values differ in their last digits only, adding a step may change nothing.
  const count = Math.min(most + 2, Math.floor((high - first) / step + 1e-6) + 1);
  // Rounding takes 0.30000000000000004 to 0.3; it must not take a tick off an axis that is as fine as that.
  const slack = (high - low) * 1e-6;
  const values = Array.from({ length: Math.max(0, count) }, (_, at) =>
    Number((first + at * step).toPrecision(15)),
  ).filter((value) => value >= low - slack && value <= high + slack);
  return [...new Set(values)].map((value) => ({ value, label: labelOf(value, step, kind) }));
}

function labelOf(value: number, step: number, kind: ValueKind): string {
  if (kind === 'time') return formatDateTime(value).replace(/ \d{4},/, ',');
  if (kind === 'duration') return durationTicks(Math.round(value / 1000) * 1000, 1000);
  return tickLabel(Math.abs(value) < step * 1e-6 ? 0 : value, step, 'number');
}

/** 1, 2 or 5 times a power of ten, not less than `atLeast`. */
function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((one) => one * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}
