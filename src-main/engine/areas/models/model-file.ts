/** Copies a file that is not ours to move onto the workspace's disk, where the blob store can adopt it. */
import { randomBytes } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '../../context.ts';
import { withStorageFailures } from '../../data/failures.ts';

export function copyTemporary(file: string, paths: Paths): Promise<string> {
  return withStorageFailures(paths.root, async () => {
    const copy = join(paths.uploads, randomBytes(12).toString('hex'));
    try {
      await copyFile(file, copy);
      return copy;
    } catch (thrown) {
      await rm(copy, { force: true });
      throw thrown;
    }
  });
}
