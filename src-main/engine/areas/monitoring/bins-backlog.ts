/**
 * Older versions kept no bins beside the panes, or others. They are made from the panes, a few windows at a time;
 * what is not there yet is read from the panes meanwhile.
 */
import { type Database, inTransaction } from '../../data/database.ts';
import type { PanesStore } from './panes.store.ts';
import type { PlaceAt } from './places.ts';
import type { LayoutsOf } from './roller.ts';

/** Windows that are looked through at once, and that are binned: some 50 panes each. */
const LOOK = 200;
const PART = 4;

/** Its `part` does one and is false when nothing is left. */
export function createBinsBacklog(db: Database, store: PanesStore, layoutsOf: LayoutsOf) {
  let after: PlaceAt | null = null;
  return {
    part(): boolean {
      const places = store.placesAfter(after, LOOK);
      return inTransaction(db, () => {
        let left = PART;
        for (const { binned, ...place } of places) {
          if (!binned) {
            if (left === 0) return true;
            const layouts = layoutsOf(place.endpointId, place.version);
            if (layouts.size > 0) {
              store.binPanes(place, layouts);
              left -= 1;
            }
          }
          after = place;
        }
        return places.length === LOOK;
      });
    },
  };
}
