import { implement } from '@orpc/server';
import { labels as contract } from '../../../contract/labels.ts';
import type { LabelService } from './labels.service.ts';

const os = implement(contract);

export const labelRoutes = (service: LabelService) => ({
  push: os.push.handler(({ input }) => service.push(input.labels, input.source)),
  pushByEntity: os.pushByEntity.handler(({ input }) =>
    service.pushByEntity(input.endpoint, input.labels, input.source),
  ),
  preview: os.preview.handler(({ input }) => service.preview(input.uploadId)),
  upload: os.upload.handler(({ input }) => service.upload(input)),
  maturity: os.maturity.handler(({ input }) =>
    service.maturity(input.endpoint, input.per, input.arm ?? null),
  ),
  history: os.history.handler(({ input }) => service.history(input.predictionId)),
});
