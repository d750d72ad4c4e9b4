/** Door of the uploads area: files come in here, other areas take them over. */
import type { AreaContext } from '../../context.ts';
import { uploadRoutes } from './uploads.routes.ts';
import { createUploadService, type Uploads } from './uploads.service.ts';

export type { Uploads } from './uploads.service.ts';

const LOOK_EVERY_MS = 60_000;

export function createUploadsArea(context: AreaContext) {
  const service = createUploadService(context);
  const timer = setInterval(() => {
    service
      .expire()
      .catch((thrown: unknown) => context.log.warn({ err: thrown }, 'removing idle uploads failed'));
  }, LOOK_EVERY_MS);
  timer.unref();
  const uploads: Uploads = service;
  return {
    uploads,
    routes: uploadRoutes(service),
    async close() {
      clearInterval(timer);
      await service.close();
    },
  };
}
