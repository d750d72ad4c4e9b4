/**
 * P(Dₙ ≥ x) of the two-sided one-sample Kolmogorov–Smirnov statistic, by whichever formula is exact or close enough where
 * it is asked: Simard & L'Ecuyer 2011, Computing the Two-Sided Kolmogorov-Smirnov Distribution, with the limits of SciPy's
 * `kstwo.sf`: just below and above a limit two formulas differ by a little, and equality with SciPy is what counts here.
 */
import { binomialTerm, stirlingRest } from '../../../statistics/gamma.ts';

/** n ≥ 1 rows, x from 0 to 1. */
export function kolmogorovTail(n: number, x: number): number {
  const tail = tailOf(n, x);
  return Math.min(1, Math.max(0, tail));
}

function tailOf(n: number, x: number): number {
  if (x >= 1) return 0;
  const t = n * x;
  if (t <= 0.5) return 1;
  if (t <= 1)
    return 1 - Math.exp(stirlingRest(n) + 0.5 * Math.log(2 * Math.PI * n) - n + n * Math.log(2 * t - 1));
  if (t >= n - 1) return 2 * (1 - x) ** n;
  if (x >= 0.5) return 2 * oneSided(n, x);
  const squared = t * x;
  // Few rows: Durbin's matrix is exact for all of what SciPy shares between it and Pomeranz's recursion.
  if (n <= 140) return squared <= 4 ? 1 - durbin(n, x) : 2 * oneSided(n, x);
  if (squared >= 370) return 0;
  if (squared >= 2.2) return 2 * oneSided(n, x);
  return 1 - (n <= 100_000 && n * x ** 1.5 <= 1.4 ? durbin(n, x) : pelzGood(n, x));
}

/** Above so many rows the one-sided tail is Maag & Dicaire's limit (1971), as in SciPy. */
const MOST_SUMMED = 1_000_000;

/** P(Dₙ⁺ ≥ x) = Σⱼ C(n, j) (x + j/n)^(j−1) (1 − x − j/n)^(n−j) x (Birnbaum & Tingey 1951). */
function oneSided(n: number, x: number): number {
  if (n > MOST_SUMMED) return Math.exp(-((6 * n * x + 1) ** 2) / (18 * n));
  let sum = (1 - x) ** n;
  const last = Math.floor(n * (1 - x));
  for (let j = 1; j <= last; j++) {
    const p = x + j / n;
    sum += (binomialTerm(j, n, p) * x) / p;
  }
  return sum;
}

/** Powers of 2 that numbers are kept within, out of reach of overflow. */
const LARGE = 2 ** 140;

/**
 * P(Dₙ < x), exact: n! / nⁿ times an entry of the n-th power of a matrix (Durbin 1968; Marsaglia, Tsang & Wang 2003).
 * The matrix has 2⌈nx⌉ − 1 rows.
 */
function durbin(n: number, x: number): number {
  const k = Math.ceil(n * x);
  const h = k - n * x;
  const size = 2 * k - 1;
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= Math.min(row + 1, size - 1); column++) matrix[row * size + column] = 1;
  for (let at = 0; at < size; at++) {
    matrix[at * size] = (matrix[at * size] as number) - h ** (at + 1);
    const last = (size - 1) * size + at;
    matrix[last] = (matrix[last] as number) - h ** (size - at);
  }
  const corner = (size - 1) * size;
  if (2 * h > 1) matrix[corner] = (matrix[corner] as number) + (2 * h - 1) ** size;
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++)
      for (let step = 2; step <= row - column + 1; step++)
        matrix[row * size + column] = (matrix[row * size + column] as number) / step;

  let power: Scaled = { values: identity(size), exponent: 0 };
  let squared: Scaled = { values: matrix, exponent: 0 };
  const centre = (k - 1) * size + k - 1;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(power, squared, size, centre);
    if (left > 1) squared = multiply(squared, squared, size, centre);
  }
  let result = power.values[centre] as number;
  let exponent = power.exponent;
  for (let at = 1; at <= n; at++) {
    result *= at / n;
    if (result < 1 / LARGE) {
      result *= LARGE;
      exponent -= 1;
    }
  }
  return result * LARGE ** exponent;
}

/** Values times LARGE to the power of `exponent`. */
type Scaled = { values: Float64Array; exponent: number };

function multiply(one: Scaled, two: Scaled, size: number, centre: number): Scaled {
  const values = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let middle = 0; middle < size; middle++) {
      const factor = one.values[row * size + middle] as number;
      if (factor === 0) continue;
      for (let column = 0; column < size; column++)
        values[row * size + column] =
          (values[row * size + column] as number) + factor * (two.values[middle * size + column] as number);
    }
  let exponent = one.exponent + two.exponent;
  if ((values[centre] as number) > LARGE) {
    for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) / LARGE;
    exponent += 1;
  }
  return { values, exponent };
}

function identity(size: number): Float64Array {
  const values = new Float64Array(size * size);
  for (let at = 0; at < size; at++) values[at * size + at] = 1;
  return values;
}

const PI_2 = Math.PI ** 2;
const PI_4 = Math.PI ** 4;
const PI_6 = Math.PI ** 6;
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

/** P(Dₙ ≤ x) to the order n^(−3/2) (Pelz & Good 1976), in the form for z = x√n that converges fast for small z. */
function pelzGood(n: number, x: number): number {
  const z = Math.sqrt(n) * x;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  let [k0, k1, k2, k3, k2more, k3more] = [0, 0, 0, 0, 0, 0];
  for (let k = Math.ceil((16 * z) / Math.PI); k >= 1; k--) {
    const odd2 = (2 * k - 1) ** 2;
    const odd4 = odd2 * odd2;
    const weight = Math.exp((-PI_2 * odd2) / (8 * z2));
    k0 += weight;
    k1 += weight * (-z2 + (PI_2 / 4) * odd2);
    k2 +=
      weight * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * PI_2 * odd2) / 4 + (PI_4 * (1 - 2 * z2) * odd4) / 16);
    k3 +=
      weight *
      (-30 * z6 -
        90 * z4 * z4 +
        ((135 * z4 - 96 * z6) * PI_2 * odd2) / 4 +
        ((-60 * z2 + 212 * z4) * PI_4 * odd4) / 16 +
        ((5 - 30 * z2) * PI_6 * odd4 * odd2) / 64);
    const whole2 = k * k;
    const whole = Math.exp((-PI_2 * whole2) / (2 * z2));
    k2more += whole * whole2;
    k3more += whole * whole2 * (3 * z2 - PI_2 * whole2);
  }
  const first = (ROOT_TWO_PI * k0) / z;
  const second = (ROOT_TWO_PI * k1) / (6 * z4);
  const third = (ROOT_TWO_PI * k2) / (72 * z6 * z) - (PI_2 * ROOT_TWO_PI * k2more) / (36 * z2 * z);
  const fourth = (ROOT_TWO_PI * k3) / (6480 * z6 * z4) + (PI_2 * ROOT_TWO_PI * k3more) / (216 * z6);
  return first + second / Math.sqrt(n) + third / n + fourth / n ** 1.5;
}
