/** Ticks of an axis of delays, in whole minutes, hours or days. Pure. */
const STEPS: readonly (readonly [ms: number, unit: string, size: number])[] = [
  ...[1, 5, 10, 30].map((n) => [n * 1_000, 's', 1_000] as const),
  ...[1, 5, 10, 30].map((n) => [n * 60_000, 'min', 60_000] as const),
  ...[1, 2, 4, 6, 12].map((n) => [n * 3_600_000, 'h', 3_600_000] as const),
  ...[1, 2, 5, 10, 20, 30, 60].map((n) => [n * 86_400_000, 'd', 86_400_000] as const),
];
const MOST = 6;

export function durationTicks(longestMs: number): { at: number; label: string }[] {
  const [step, unit, size] = STEPS.find(([ms]) => longestMs / ms <= MOST) ?? [
    Math.ceil(longestMs / MOST / 86_400_000) * 86_400_000,
    'd',
    86_400_000,
  ];
  return Array.from({ length: Math.floor(longestMs / step) + 1 }, (_, i) => ({
    at: i * step,
    label: i === 0 ? '0' : `${(i * step) / size} ${unit}`,
  }));
}
