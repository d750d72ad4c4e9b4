/** The upper tail of χ², in closed form: degrees of freedom are whole (Abramowitz & Stegun 26.4.4 and 26.4.5). */

/**
 * P(χ² with `degrees` degrees of freedom ≥ x): for even degrees e^(−x/2) · Σ (x/2)^j / j!, for odd ones
 * erfc(√(x/2)) + the same with half-integer factorials.
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  const half = x / 2;
  const odd = degrees % 2 === 1;
  let sum = odd ? erfc(Math.sqrt(half)) : 0;
  // Γ(3/2) = √π / 2.
  let term = odd ? Math.exp(-half) * (2 * Math.sqrt(half / Math.PI)) : Math.exp(-half);
  for (let j = odd ? 1.5 : 1; j <= degrees / 2; j++) {
    sum += term;
    term *= half / j;
  }
  return Math.min(1, sum);
}

const TINY = 1e-300;

/** Complementary error function for z ≥ 0: its series below 2, Lentz's continued fraction above (A&S 7.1.5, 7.1.14). */
function erfc(z: number): number {
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let k = 1; Math.abs(term) > Number.EPSILON * Math.abs(sum) && k < 200; k++) {
      term *= (-z * z) / k;
      sum += term / (2 * k + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let f = z;
  let c = z;
  let d = 0;
  for (let k = 1; k < 500; k++) {
    d = z + (k / 2) * d;
    d = 1 / (d === 0 ? TINY : d);
    c = z + k / 2 / c;
    const step = c * d;
    f *= step;
    if (Math.abs(step - 1) < Number.EPSILON) break;
  }
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * f);
}
