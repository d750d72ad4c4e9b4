/** The stability index taken apart, so that a number on the screen can be explained. Pure. */

/** Shares below this count as this much, as in the engine's `lathe.psi.frozen@1`. */
const FLOOR = 1e-4;

type Share = { reference: number; current: number };
export type Term = { label: string; reference: number; current: number; term: number };

/** PSI = Σ (r − c) · ln(r / c): one term per bin, largest first. */
export function psiTerms(
  bins: readonly (Share & { label: string })[],
  labels: readonly string[],
): { terms: Term[]; sum: number } {
  const terms = bins
    .map((bin, i) => {
      const r = Math.max(bin.reference, FLOOR);
      const c = Math.max(bin.current, FLOOR);
      return {
        label: labels[i] ?? bin.label,
        reference: bin.reference,
        current: bin.current,
        term: (r - c) * Math.log(r / c),
      };
    })
    .sort((a, b) => b.term - a.term);
  return { terms, sum: terms.reduce((total, { term }) => total + term, 0) };
}
