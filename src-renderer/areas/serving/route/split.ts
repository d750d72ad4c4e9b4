/**
 * The arithmetic of a traffic split. Weights are basis points and add up to 10,000; arms own contiguous ranges of
 * the buckets 0 … 9,999 in their order, so that moving a boundary moves only the units between the old and the new
 * place of it. Pure.
 */
import type { Arm } from '../../../../src-main/contract/serving-route.ts';

export const WHOLE = 10_000;

/** Where each arm's range begins and ends, in buckets. */
export function rangesOf(arms: readonly Arm[]): { key: string; version: string; from: number; to: number }[] {
  let at = 0;
  return arms.map(({ key, version, weight }) => {
    const range = { key, version, from: at, to: at + weight };
    at += weight;
    return range;
  });
}

/** Moves the boundary after arm `index` to `bucket`; it stops at the neighbouring boundaries. */
export function moveBoundary(arms: readonly Arm[], index: number, bucket: number): Arm[] {
  const ranges = rangesOf(arms);
  const left = ranges[index];
  const right = ranges[index + 1];
  if (!left || !right) return [...arms];
  const at = Math.round(Math.min(right.to, Math.max(left.from, bucket)));
  return arms.map((arm, i) =>
    i === index
      ? { ...arm, weight: at - left.from }
      : i === index + 1
        ? { ...arm, weight: right.to - at }
        : arm,
  );
}

/** Gives arm `index` this weight; what it gains or loses comes from the arms after it first, then from those before. */
export function setWeight(arms: readonly Arm[], index: number, weight: number): Arm[] {
  const own = arms[index];
  if (!own || arms.length < 2) return [...arms];
  const wanted = Math.round(Math.min(WHOLE, Math.max(0, weight)));
  const next = arms.map((arm) => ({ ...arm }));
  let change = wanted - own.weight;
  const others = [...next.keys()]
    .filter((i) => i > index)
    .concat([...next.keys()].filter((i) => i < index).reverse());
  for (const i of others) {
    const other = next[i];
    if (!other || change === 0) continue;
    const taken = change > 0 ? Math.min(change, other.weight) : change;
    other.weight -= taken;
    change -= taken;
  }
  const mine = next[index];
  if (mine) mine.weight = wanted - change;
  return next;
}

export type Place = { key: string; version: string };
/** So many basis points of all units leave `from` and meet `to`. */
export type Flow = { from: Place; to: Place; share: number };

/** Where units go when the arms change; those that meet the same version in the same arm are not in it. */
export function flows(before: readonly Arm[], after: readonly Arm[]): Flow[] {
  const found = new Map<string, Flow>();
  for (const old of rangesOf(before))
    for (const now of rangesOf(after)) {
      const share = Math.min(old.to, now.to) - Math.max(old.from, now.from);
      if (share <= 0 || (old.key === now.key && old.version === now.version)) continue;
      const id = `${old.key} ${old.version} ${now.key} ${now.version}`;
      const flow = found.get(id) ?? {
        from: { key: old.key, version: old.version },
        to: { key: now.key, version: now.version },
        share: 0,
      };
      flow.share += share;
      found.set(id, flow);
    }
  return [...found.values()].sort((a, b) => b.share - a.share);
}

/** Why a split cannot be saved, in words, or null. */
export function splitProblem(arms: readonly Arm[]): string | null {
  if (arms.length === 0) return 'An endpoint needs at least one arm.';
  const total = arms.reduce((sum, { weight }) => sum + weight, 0);
  if (total !== WHOLE) return `The arms add up to ${total / 100} %, not 100 %.`;
  if (new Set(arms.map(({ key }) => key)).size !== arms.length) return 'Two arms have the same name.';
  const bad = arms.find(({ key }) => !/^[a-z][a-z0-9-]{0,31}$/.test(key));
  if (bad)
    return `“${bad.key}” is no arm name: use small letters, digits and dashes, starting with a letter.`;
  return null;
}

/** Adds an arm without traffic at the end, so that adding it moves nobody. */
export function addArm(arms: readonly Arm[], version: string): Arm[] {
  // One that joins others challenges them, whatever the first is called.
  const names = ['challenger', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];
  const key = names.find((name) => !arms.some((arm) => arm.key === name)) ?? `arm-${arms.length + 1}`;
  return [...arms, { key, version, weight: 0 }];
}

/** Takes an arm out; its traffic goes to the arm before it, or to the next one. */
export function removeArm(arms: readonly Arm[], index: number): Arm[] {
  const weight = arms[index]?.weight ?? 0;
  const heir = index > 0 ? index - 1 : 1;
  return arms
    .map((arm, i) => (i === heir ? { ...arm, weight: arm.weight + weight } : arm))
    .filter((_, i) => i !== index);
}
