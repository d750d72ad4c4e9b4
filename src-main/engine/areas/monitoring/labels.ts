/** Ground truth joins predictions by id; the cohort's sums change in the same transaction. */
import { type Database, inTransaction } from '../../data/database.ts';
import { windowOf } from './ingest.ts';
import type { LabelTarget, MonitoringStore } from './monitoring.store.ts';
import { addEffect, type Decision, type LabelEffect, labelEffect, noEffect } from './performance.rules.ts';

export type Label = { predictionId: string; label: string; labelledMs: number };
export type LabelResult = { joined: number; unchanged: number; unknown: string[]; endpointIds: Set<number> };

/** A prediction whose ground truth is another now; `target` is as it was before. */
export type Labelled = { target: LabelTarget; label: string; decision: Decision };

/** Commits the labels in one transaction, within one that is open already too. A repeated label changes nothing, a different one replaces the first. */
export function labelSlice(
  db: Database,
  store: MonitoringStore,
  decide: (endpointId: number, version: string) => Decision,
  labels: readonly Label[],
  labelled?: (changes: readonly Labelled[]) => void,
): LabelResult {
  const result: LabelResult = { joined: 0, unchanged: 0, unknown: [], endpointIds: new Set() };
  inTransaction(db, () => {
    const cohorts = new Map<string, { target: LabelTarget; effect: LabelEffect }>();
    const changes: Labelled[] = [];
    for (const { predictionId, label, labelledMs } of labels) {
      const target = store.target(predictionId);
      if (!target) {
        result.unknown.push(predictionId);
        continue;
      }
      if (target.truth === label) {
        result.unchanged += 1;
        continue;
      }
      store.setTruth(target.seq, label, labelledMs);
      result.joined += 1;
      result.endpointIds.add(target.endpointId);
      const key = `${target.endpointId} ${target.arm} ${target.version} ${windowOf(target.eventMs)}`;
      const cohort = cohorts.get(key) ?? { target, effect: noEffect() };
      const decision = decide(target.endpointId, target.version);
      if (target.truth !== null) addEffect(cohort.effect, labelEffect(decision, target, target.truth), -1);
      addEffect(cohort.effect, labelEffect(decision, target, label), 1);
      cohorts.set(key, cohort);
      changes.push({ target, label, decision });
    }
    for (const { target, effect } of cohorts.values()) {
      const { endpointId, arm, version, eventMs } = target;
      store.addLabels({ endpointId, arm, version, windowMs: windowOf(eventMs) }, effect);
    }
    labelled?.(changes);
  });
  return result;
}
