import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id } from './common.ts';

/** Files come in pieces, so that progress shows, a cancel frees everything, and no path crosses the border. */
export const UPLOAD_CHUNK_BYTES = 512 * 1024;
export const UPLOAD_LIMIT_BYTES = 2 * 1024 * 1024 * 1024;

export const uploads = {
  begin: oc
    .input(z.object({ fileName: z.string().min(1).max(255), size: z.int().nonnegative() }))
    .output(z.object({ uploadId: Id })),
  chunk: oc
    .input(
      z.object({
        uploadId: Id,
        offset: z.int().nonnegative(),
        base64: z.string().max(UPLOAD_CHUNK_BYTES * 1.5),
      }),
    )
    .output(z.object({ received: z.int() })),
  abort: oc.input(z.object({ uploadId: Id })).output(z.object({ aborted: z.boolean() })),
};
