/**
 * Older versions counted quality by the day. Rows that were logged then move into the sums of their hours, a few at a
 * time; where it stands is committed with each part, so that a killed engine goes on from there. What retention removed
 * before stays with its day.
 */
import { type Database, inTransaction } from '../../data/database.ts';
import type { Decision } from './judging.rules.ts';
import { truthOf } from './labels.ts';
import type { MonitoringStore } from './monitoring.store.ts';
import { createQualityTurn, type Slicer } from './quality-turn.ts';

const PART = 200;

export type CarryPorts = {
  db: Database;
  store: MonitoringStore;
  decide(endpointId: number, version: string): Decision | null;
  slicer: Slicer;
};

/** Moves one part; false when nothing is left. */
export function carryPart({ db, store, decide, slicer }: CarryPorts): boolean {
  const { nextSeq, endSeq } = store.quality.carry();
  if (nextSeq >= endSeq) return false;
  inTransaction(db, () => {
    const quality = createQualityTurn(store.quality, slicer);
    const rows = store.between(nextSeq, endSeq, PART);
    for (const row of rows) {
      const decision = decide(row.endpointId, row.version);
      if (decision) quality.carried(row, decision, truthOf(row));
    }
    quality.flush();
    store.quality.setCarry(rows.length < PART ? endSeq : (rows.at(-1)?.seq ?? endSeq));
  });
  return true;
}
