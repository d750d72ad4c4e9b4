/**
 * Details of quality are written by the hour and read by the thousand: once a day is over, its hours move into one row for
 * each arm and version, and one for all arms of a version. A label that comes later is counted beside them, by the hour
 * again, until the next pass.
 */
import { type Database, inTransaction } from '../../data/database.ts';
import { addErrors, packErrors, unpackErrors } from './cohorts.rules.ts';
import { DAY_MS, type Detail, HOUR_MS } from './cohorts.store.ts';
import { sumDelays, sumScores } from './counts.rules.ts';
import { eachHour, packHours } from './folds.rules.ts';
import {
  ALL_ARMS,
  createFoldStore,
  type FoldDay,
  type Folded,
  type FoldStore,
  type OfArm,
} from './folds.store.ts';

/** Most labels of the newest days are still to come. */
const KEPT_DAYS = 2;

/** Its `part` folds a day of all rows or of a slice, in one transaction; false when nothing is left. */
export function createFolding(db: Database, store: FoldStore = createFoldStore(db)) {
  let after: FoldDay | null = null;
  return {
    part(): boolean {
      const day = store.next(after, KEPT_DAYS * DAY_MS);
      if (!day) return false;
      inTransaction(db, () => {
        const hours = store.hours(day).map(({ windowMs, scores, errors, ...rest }) => {
          const hour = (windowMs - day.dayMs) / HOUR_MS;
          const ofHour = (bytes: Buffer | null) => bytes && packHours(new Map([[hour, bytes]]));
          return { ...rest, scores: ofHour(scores), errors: ofHour(errors) };
        });
        store.replace(day, wholesOf(ofArms([...store.folded(day), ...hours])));
      });
      after = day;
      return true;
    },
  };
}

function ofArms(details: readonly (OfArm & Detail)[]): (OfArm & Detail)[] {
  const groups = Map.groupBy(details, ({ arm, version }) => `${version} ${arm}`);
  return [...groups.values()].map((parts) => {
    const { arm, version } = parts[0] as OfArm;
    return { arm, version, ...sumOf(parts) };
  });
}

/** And those of all arms of a version, where it has several. */
function wholesOf(arms: readonly (OfArm & Detail)[]): Folded[] {
  const versions = [...Map.groupBy(arms, ({ version }) => version)];
  return versions.flatMap(([version, parts]) =>
    parts.length === 1
      ? parts.map((part) => ({ ...part, whole: true }))
      : [
          ...parts.map((part) => ({ ...part, whole: false })),
          { arm: ALL_ARMS, version, ...sumOf(parts), whole: true },
        ],
  );
}

function sumOf(details: readonly Detail[]): Detail {
  const of = (kind: keyof Detail) => details.map((detail) => detail[kind]).filter((bytes) => bytes !== null);
  return {
    scores: sumByHour(of('scores'), sumScores),
    errors: sumByHour(of('errors'), sumErrors),
    delays: sumDelays(...of('delays')),
  };
}

function sumByHour(blobs: readonly Buffer[], sum: (...parts: Buffer[]) => Buffer | null): Buffer | null {
  const parts = new Map<number, Buffer[]>();
  for (const blob of blobs)
    eachHour(blob, (hour, bytes) => {
      const known = parts.get(hour);
      if (known) known.push(bytes);
      else parts.set(hour, [bytes]);
    });
  const sums = [...parts].map(([hour, [only, ...more]]) => {
    const bytes = only && more.length > 0 ? sum(only, ...more) : only;
    return [hour, bytes ?? null] as const;
  });
  return packHours(new Map(sums.flatMap(([hour, bytes]) => (bytes ? [[hour, bytes]] : []))));
}

function sumErrors(...parts: Buffer[]): Buffer | null {
  const sums = unpackErrors(null);
  for (const part of parts) addErrors(sums, unpackErrors(part), 1);
  return packErrors(sums);
}
