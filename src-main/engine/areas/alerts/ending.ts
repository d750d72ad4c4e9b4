/** Ends what a rule has open for a reason of its own: it was changed, switched off or removed, or its endpoint was. */
import type { Clock } from '../../../platform/clock.ts';
import type { AlertsStore } from './alerts.store.ts';
import type { Announce } from './telling.ts';

/** Call in a transaction. What the rule knew is forgotten: it begins anew. */
export type EndAll = (ruleId: string, why: string) => void;

export function createEnding(store: AlertsStore, announce: Announce, clock: Clock): EndAll {
  return (ruleId, why) => {
    const nowMs = clock.now();
    for (const open of store.openOfRule(ruleId)) {
      store.resolve(open.id, nowMs, null);
      store.addHistory(open.id, nowMs, 'resolved', why);
      announce.resolved(open);
    }
    store.dropStates(ruleId);
  };
}
