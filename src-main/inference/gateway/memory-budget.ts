/** Which models leave memory so that another fits: those that were not asked for the longest. Pure. */
export type Resident = { footprintBytes: number; lastUsedMs: number; busy: boolean };

/**
 * Those to let go so that `neededBytes` more fit into the budget, least recently used first and the busy ones
 * last. Null when they would not fit even alone.
 */
export function victims<Each extends Resident>(
  residents: readonly Each[],
  neededBytes: number,
  budgetBytes: number,
): Each[] | null {
  if (neededBytes > budgetBytes) return null;
  let usedBytes = 0;
  for (const { footprintBytes } of residents) usedBytes += footprintBytes;
  const chosen: Each[] = [];
  const order = residents.toSorted(
    (left, right) => Number(left.busy) - Number(right.busy) || left.lastUsedMs - right.lastUsedMs,
  );
  for (const each of order) {
    if (usedBytes + neededBytes <= budgetBytes) break;
    chosen.push(each);
    usedBytes -= each.footprintBytes;
  }
  return chosen;
}
