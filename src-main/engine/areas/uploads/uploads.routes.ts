import { implement } from '@orpc/server';
import { uploads as contract } from '../../../contract/uploads.ts';
import type { UploadService } from './uploads.service.ts';

const os = implement(contract);

export const uploadRoutes = (service: UploadService) => ({
  begin: os.begin.handler(async ({ input }) => ({
    uploadId: await service.begin(input.fileName, input.size),
  })),
  chunk: os.chunk.handler(async ({ input }) => ({
    received: await service.chunk(input.uploadId, input.offset, input.base64),
  })),
  abort: os.abort.handler(async ({ input }) => ({ aborted: await service.abort(input.uploadId) })),
});
