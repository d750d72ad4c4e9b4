/**
 * Older versions counted quality by the day. Rows that were logged then move into the sums of their hours, a few at a
 * time; where it stands is committed with each part, so that a killed engine goes on from there. What retention removed
 * before stays with its day.
 */
import { type Database, inTransaction } from '../../data/database.ts';
import { createCohortTurn, type Slicer } from './cohort-turn.ts';
import type { Decision } from './judging.rules.ts';
import { truthOf } from './labels.ts';
import type { MonitoringStore } from './monitoring.store.ts';

const PART = 200;

export type CarryPorts = {
  db: Database;
  store: MonitoringStore;
  decide(endpointId: number, version: string): Decision | null;
  slicer: Slicer;
};

/** Moves one part; false when nothing is left. */
export function carryPart({ db, store, decide, slicer }: CarryPorts): boolean {
  const { nextSeq, endSeq } = store.sums.carry();
  if (nextSeq >= endSeq) return false;
  inTransaction(db, () => {
    const cohorts = createCohortTurn(store.sums, slicer);
    const rows = store.between(nextSeq, endSeq, PART);
    for (const row of rows) {
      const decision = decide(row.endpointId, row.version);
      if (decision) cohorts.carried(row, decision, truthOf(row));
    }
    cohorts.flush();
    store.sums.setCarry(rows.length < PART ? endSeq : (rows.at(-1)?.seq ?? endSeq));
  });
  return true;
}
