/** Files that runs leave behind. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id } from './common.ts';

const Path = z.string().max(4096);

export const ArtifactEntry = z.object({
  name: z.string(),
  /** Below the run's artifacts. */
  path: Path,
  isFolder: z.boolean(),
  /** In bytes; of a folder, of all below it. */
  size: z.int(),
  /** How many files lie below; 1 for a file. */
  files: z.int(),
});
export type ArtifactEntry = z.infer<typeof ArtifactEntry>;

export const ArtifactList = z.object({
  entries: z.array(ArtifactEntry),
  /** Where to go on, when there are more. */
  next: z.string().nullable(),
  /** Where the files are when another program keeps them; null when they are here. */
  elsewhere: z.string().nullable(),
});
export type ArtifactList = z.infer<typeof ArtifactList>;

export const ArtifactContent = z.object({
  size: z.int(),
  /** Of the whole file. */
  sha256: z.string(),
  /** `text` is UTF-8; `image` is base64; anything else, or an image too large to show, is `none` without content. */
  kind: z.enum(['text', 'image', 'none']),
  type: z.string(),
  content: z.string(),
  /** False when `content` is only the beginning of a large text. */
  whole: z.boolean(),
});
export type ArtifactContent = z.infer<typeof ArtifactContent>;

export const artifacts = {
  /** What lies directly in a folder of a run's artifacts ('' is the root), by name; `after` is the `next` of the page before. */
  list: oc
    .input(z.object({ runId: Id, folder: Path, after: Path.nullable().default(null) }))
    .output(ArtifactList),
  /** A file to look at. */
  read: oc.input(z.object({ runId: Id, path: Path.min(1) })).output(ArtifactContent),
  /** A file to keep, in pieces of base64; `offset` counts bytes. Another `sha256` than before: it was overwritten. */
  piece: oc
    .input(z.object({ runId: Id, path: Path.min(1), offset: z.int().nonnegative() }))
    .output(z.object({ size: z.int(), sha256: z.string(), bytes: z.string() })),
};
