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
  size: z.int(),
});
export type ArtifactEntry = z.infer<typeof ArtifactEntry>;

export const ArtifactContent = z.object({
  size: z.int(),
  /** `text` is the whole file; `image` is base64; anything else, or what is too large to show, is `none`. */
  kind: z.enum(['text', 'image', 'none']),
  type: z.string(),
  content: z.string(),
});
export type ArtifactContent = z.infer<typeof ArtifactContent>;

export const artifacts = {
  /** What lies directly in a folder of a run's artifacts; '' is the root. */
  list: oc.input(z.object({ runId: Id, folder: Path })).output(z.array(ArtifactEntry)),
  /** A file to look at. */
  read: oc.input(z.object({ runId: Id, path: Path.min(1) })).output(ArtifactContent),
  /** A file to keep, in pieces of base64; `offset` counts bytes. */
  piece: oc
    .input(z.object({ runId: Id, path: Path.min(1), offset: z.int().nonnegative() }))
    .output(z.object({ size: z.int(), bytes: z.string() })),
};
