/** What was deleted and can be brought back, deleting it for good, and the disk that this frees. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, ModelName, Version } from './common.ts';

export const TrashKind = z.enum(['experiment', 'run', 'model', 'version', 'logged-model', 'artifact']);
export type TrashKind = z.infer<typeof TrashKind>;

/** One thing in the trash. Ids are those of the things themselves; of artifacts, what was deleted at once is one. */
export const TrashRef = z.object({ kind: TrashKind, id: Id });
export type TrashRef = z.infer<typeof TrashRef>;

export const TrashItem = TrashRef.extend({
  title: z.string(),
  /** Where it was: the experiment of a run, the model of a version, the folder of files. */
  place: z.string(),
  deletedMs: Millis,
  /** When it goes for good by itself. */
  expiresMs: Millis,
  /** Runs of an experiment, versions of a model, files. */
  count: z.int(),
  /** Of its files. What comes back is less where others use the same bytes: `weigh` tells. */
  bytes: z.int(),
});
export type TrashItem = z.infer<typeof TrashItem>;

/** Something present, to be deleted. */
export const Discardable = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('experiment'), id: Id }),
  z.object({ kind: z.literal('run'), id: Id }),
  z.object({ kind: z.literal('model'), name: ModelName }),
  z.object({ kind: z.literal('version'), name: ModelName, version: Version }),
]);
export type Discardable = z.infer<typeof Discardable>;

const MOST_AT_ONCE = 10_000;
const Refs = z.array(TrashRef).min(1).max(MOST_AT_ONCE);
/** Named things, or all that is in the trash. */
const Chosen = z.object({ items: z.union([Refs, z.literal('all')]) });

export const TrashWeight = z.object({
  /** How many things. */
  items: z.int(),
  /** Bytes of files that nothing else uses: they come back. */
  fileBytes: z.int(),
  /** About what the rows in the database take. */
  rowBytes: z.int(),
  /** Files kept because a registered version or another run uses the same bytes. */
  sharedBytes: z.int(),
});
export type TrashWeight = z.infer<typeof TrashWeight>;

export const TidyReport = z.object({
  /** Things that went for good: their undo window had ended, or the trash was emptied. */
  items: z.int(),
  blobs: z.int(),
  blobBytes: z.int(),
  /** Bytes of the database file that were given back. */
  databaseBytes: z.int(),
});
export type TidyReport = z.infer<typeof TidyReport>;

export const VerifyReport = z.object({
  checked: z.int(),
  bytes: z.int(),
  /** Hashes of files that are gone, cut or changed, and how many artifacts and versions use each. */
  problems: z.array(
    z.object({ sha256: z.string(), problem: z.enum(['missing', 'changed']), usedBy: z.array(z.string()) }),
  ),
  /** Files of the store that the database does not know; garbage collection removes them. */
  strays: z.int(),
  strayBytes: z.int(),
});
export type VerifyReport = z.infer<typeof VerifyReport>;

export const trash = {
  /** Newest first; `cursor` is the last row of the page before. */
  list: oc
    .input(
      z.object({
        kind: TrashKind.optional(),
        text: z.string().max(500).default(''),
        limit: z.int().min(1).max(500).default(200),
        cursor: z.string().max(200).optional(),
      }),
    )
    .output(z.object({ items: z.array(TrashItem), nextCursor: z.string().nullable() })),
  counts: oc.output(z.record(TrashKind, z.int())),
  /** To the trash. Refused (LATHE_MODELS_IN_USE) for what an endpoint serves. The refs that bring it back. */
  discard: oc
    .input(z.object({ items: z.array(Discardable).min(1).max(MOST_AT_ONCE) }))
    .output(z.array(TrashRef)),
  restore: oc.input(z.object({ items: Refs })).output(z.object({ restored: z.int() })),
  /** What deleting it for good would free. */
  weigh: oc.input(Chosen).output(TrashWeight),
  /** It cannot be seen any more when this answers; its rows and files go afterwards, as an activity. */
  purge: oc.input(Chosen).output(z.object({ accepted: z.int() })),
  /** What the workspace takes on disk. */
  usage: oc.output(
    z.object({
      databaseBytes: z.int(),
      /** Of the database, free pages that are given back from time to time. */
      databaseFreeBytes: z.int(),
      fileBytes: z.int(),
      files: z.int(),
      /** Files that nothing uses any more; they go within the hour. */
      unusedBytes: z.int(),
    }),
  ),
  /** The hourly clean-up, now and to its end. */
  tidy: oc.output(TidyReport),
  /** Deletes for good and waits until the disk is free. */
  empty: oc.input(z.object({ olderThanDays: z.number().min(0).max(36_500) })).output(TidyReport),
  /** What `empty` would free. */
  weighOld: oc.input(z.object({ olderThanDays: z.number().min(0).max(36_500) })).output(TrashWeight),
  /** Reads every stored file and compares it with its hash. */
  verify: oc.output(VerifyReport),
};
