/** What the genuine packages gave for a case, and how ours compares: relatively to 1e-9, or to what doubles can hold. */
import { betaCdf, studentTwoSided } from '../../../statistics/beta.ts';
import { binomialTerm, chiSquareTail, normalTwoSided } from '../../../statistics/gamma.ts';
import { datasetDrifted, defaultMethod, type METHODS, scoreColumn } from './index.ts';
import { kolmogorovTail } from './kolmogorov.ts';
import { ksTest } from './ks.ts';
import { type Case, samplesOf } from './testing-cases.ts';

type Score = { score: number | null; drifted: boolean };
export type Golden = {
  name: string;
  kind: string;
  methods: Record<string, Score>;
  chosen?: Score & { method: string; threshold: number };
  ks?: number | null;
};
export type Goldens = {
  cases: Golden[];
  datasets: { drifted: number; columns: number; share: number; verdict: boolean }[];
  tails: [name: string, given: number[], value: number][];
};

const RELATIVE = 1e-9;

/**
 * Differences that are rounding in the genuine package rather than a relative error: its Z test takes 1 − Φ, so that its p
 * comes in steps of 2⁻⁵²; sums of divergences that are near 0 carry the rounding of shares. Of Jensen–Shannon it
 * applies to the square.
 */
const FLOORS: Record<string, number> = { z: 4.5e-16, kl_div: 2e-15, psi: 2e-15, jensenshannon: 2e-15 };

const near = (ours: number, theirs: number, floor = 1e-300): boolean =>
  Math.abs(ours - theirs) <= Math.max(RELATIVE * Math.abs(theirs), floor);

function same(method: string, ours: number, theirs: number): boolean {
  const floor = FLOORS[method];
  return near(ours, theirs) || method === 'jensenshannon'
    ? near(ours, theirs) || near(ours * ours, theirs * theirs, floor)
    : near(ours, theirs, floor);
}

const KINDS: Record<string, string> = { num: 'numeric', cat: 'categorical', text: 'text' };

/** Sentences about what differs; none when all is equal. */
export function differences(each: Case, golden: Golden): string[] {
  const samples = samplesOf(each);
  const kind = samples?.reference.kind ?? 'text';
  if (kind !== KINDS[golden.kind]) return [`${each.name}: read as ${kind}, theirs as ${golden.kind}`];
  if (samples === null) return [];
  const { reference, current } = samples;
  const found: string[] = [];
  const compare = (what: string, method: string, theirs: Score) => {
    const ours = scoreColumn(reference, current, {
      method: `evidently.${method}@0.7` as keyof typeof METHODS,
    });
    if (ours.problem !== null) return found.push(`${what}: ${ours.problem}; theirs ${theirs.score}`);
    // Chi-square of one value has no degree of freedom: theirs is NaN, ours says that nothing differs.
    const expected = theirs.score ?? 1;
    if (!same(method, ours.score, expected)) found.push(`${what}: ${ours.score}, theirs ${expected}`);
    if (ours.drifted !== theirs.drifted)
      found.push(`${what}: drifted ${ours.drifted}, theirs ${theirs.drifted}`);
    return 0;
  };
  for (const [method, theirs] of Object.entries(golden.methods))
    compare(`${each.name}, ${method}`, method, theirs);
  if (golden.chosen) found.push(...chosenDifferences(each.name, { reference, current }, golden.chosen));
  if (golden.ks != null && reference.kind === 'numeric' && current.kind === 'numeric') {
    const { statistic } = ksTest(reference.values, current.values);
    if (!near(statistic, golden.ks, 1e-15)) found.push(`${each.name}: D ${statistic}, theirs ${golden.ks}`);
  }
  return found;
}

function chosenDifferences(
  name: string,
  { reference, current }: NonNullable<ReturnType<typeof samplesOf>>,
  chosen: NonNullable<Golden['chosen']>,
): string[] {
  const method = defaultMethod(reference, current);
  if (method !== `evidently.${chosen.method}@0.7`)
    return [`${name}: chose ${method}, theirs ${chosen.method}`];
  const ours = scoreColumn(reference, current);
  if (ours.problem !== null) return [`${name}: ${ours.problem}`];
  const equal =
    ours.threshold === chosen.threshold &&
    ours.drifted === chosen.drifted &&
    same(chosen.method, ours.score, chosen.score ?? 1);
  return equal ? [] : [`${name}, chosen: ${JSON.stringify(ours)}, theirs ${JSON.stringify(chosen)}`];
}

const TAILS: Record<string, (...given: number[]) => number> = {
  kolmogorov: (n = 0, x = 0) => kolmogorovTail(n, x),
  'chi-square': (x = 0, degrees = 0) => chiSquareTail(x, degrees),
  normal: (z = 0) => normalTwoSided(z),
  student: (t = 0, degrees = 0) => studentTwoSided(t, degrees),
  binomial: (k = 0, n = 0, p = 0) => binomialTerm(k, n, p),
  beta: (x = 0, a = 0, b = 0) => betaCdf(x, a, b),
};

export function tailDifferences(tails: Goldens['tails']): string[] {
  return tails.flatMap(([name, given, theirs]) => {
    const ours = TAILS[name]?.(...given) ?? Number.NaN;
    return near(ours, theirs) ? [] : [`${name}(${given.join(', ')}): ${ours}, theirs ${theirs}`];
  });
}

export function datasetDifferences(datasets: Goldens['datasets']): string[] {
  return datasets.flatMap(({ drifted, columns, share, verdict }) =>
    datasetDrifted(drifted, columns, share) === verdict ? [] : [`${drifted} of ${columns} at ${share}`],
  );
}
