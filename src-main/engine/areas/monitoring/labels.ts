/** Ground truth joins predictions, by id or by entity and time; the sums of quality change in the same transaction. */
import { type Database, inTransaction } from '../../data/database.ts';
import { createCohortTurn, type Slicer, type Truth } from './cohort-turn.ts';
import { type Decision, labelProblem } from './judging.rules.ts';
import type { LabelTarget, MonitoringStore } from './monitoring.store.ts';

/** `labelledMs`: when it was observed, now where nothing is said; `source`: who said it. */
type Claim = { label: string; labelledMs?: number | undefined; source?: string };
export type NewLabel = Claim &
  ({ predictionId: string } | { endpointId: number; entity: string; atMs: number; withinMs: number });

export type LabelResult = {
  joined: number;
  unchanged: number;
  /** Of those joined: another label was there before. */
  replaced: number;
  /** Older than the one that is there. */
  stale: number;
  /** Positions of labels without a prediction, and of those that cannot be one of their prediction, with why. */
  unknown: number[];
  refused: { at: number; reason: string }[];
};
export const noLabels = (): LabelResult => ({
  ...{ joined: 0, unchanged: 0, replaced: 0, stale: 0, unknown: [], refused: [] },
});

/** A prediction whose ground truth is another now; `target` is as it was before. */
export type Labelled = { target: LabelTarget; label: string; decision: Decision };

export type LabelPorts = {
  db: Database;
  store: MonitoringStore;
  /** Null for an endpoint that is gone: its sums are left as they are. */
  decide(endpointId: number, version: string): Decision | null;
  slicer: Slicer;
  nowMs(): number;
  labelled?: ((changes: readonly Labelled[]) => void) | undefined;
};

/**
 * Commits the labels in one transaction, within one that is open already too. One that was observed before the one that is
 * there changes nothing; any other takes its place. The same label again, said to be observed later, keeps the later time:
 * else which label holds would depend on the order in which they came. Without a time it changes nothing, or a file that
 * is sent twice would make all delays longer. A label that says it was observed in the future is taken as observed now, or
 * nothing could correct it for that long.
 */
export function labelSlice(ports: LabelPorts, labels: readonly NewLabel[]): LabelResult {
  const { db, store, decide, nowMs, slicer } = ports;
  const result = noLabels();
  inTransaction(db, () => {
    const cohorts = createCohortTurn(store.sums, slicer);
    const changes: Labelled[] = [];
    const receivedMs = nowMs();
    for (const [at, item] of labels.entries()) {
      const entityMs = 'entity' in item ? item.atMs : null;
      const target =
        'entity' in item
          ? store.entityTarget(item.endpointId, item.entity, item.atMs - item.withinMs, item.atMs)
          : store.target(item.predictionId);
      const decision = target && decide(target.endpointId, target.version);
      if (!target || !decision) {
        result.unknown.push(at);
        continue;
      }
      const reason = labelProblem(decision, target, item.label);
      if (reason !== null) {
        result.refused.push({ at, reason });
        continue;
      }
      const labelledMs = Math.min(item.labelledMs ?? receivedMs, receivedMs);
      const { label, source = null } = item;
      const same = target.truth === label;
      const stale = !same && target.truthMs !== null && labelledMs < target.truthMs;
      // Of one from the future it is not known when it was observed.
      const dated = item.labelledMs === labelledMs;
      const confirmed = same && dated && labelledMs > (target.truthMs ?? 0);
      if (same) result.unchanged += 1;
      else if (stale) result.stale += 1;
      if (stale || (same && !confirmed)) {
        // It is about this prediction all the same, and keeps other labels by entity off it.
        if (entityMs !== null && target.entityMs === null) store.joinEntity(target.seq, entityMs);
        continue;
      }
      store.setTruth(target, { label, labelledMs, receivedMs, source, entityMs });
      const after = { label, labelledMs, receivedMs, byEntity: entityMs !== null };
      cohorts.labelled(target, decision, truthOf(target), after);
      if (same) continue;
      result.joined += 1;
      if (target.truth !== null) result.replaced += 1;
      changes.push({ target, label, decision });
    }
    cohorts.flush();
    ports.labelled?.(changes);
  });
  return result;
}

/** The label that a logged row has; null without one. */
export const truthOf = (
  row: Pick<LabelTarget, 'truth' | 'truthMs' | 'truthReceivedMs' | 'truthBy'>,
): Truth | null =>
  row.truth === null
    ? null
    : {
        label: row.truth,
        labelledMs: row.truthMs ?? 0,
        receivedMs: row.truthReceivedMs,
        byEntity: row.truthBy === 1,
      };
