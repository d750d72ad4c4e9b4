import { implement } from '@orpc/server';
import { models as contract } from '../../../contract/models.ts';
import type { Activities } from '../activity/index.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Models } from './models.service.ts';

const os = implement(contract);

export const modelRoutes = (service: Models, uploads: Uploads, activities: Activities) => ({
  list: os.list.handler(() => service.list()),
  get: os.get.handler(({ input }) => service.get(input.name)),
  version: os.version.handler(({ input }) => service.version(input.name, input.version)),
  lineage: os.lineage.handler(({ input }) => service.lineage(input.name)),
  import: os.import.handler(async ({ input }) => {
    const { file, fileName, discard } = await uploads.take(input.uploadId);
    const title = `Import ${fileName} as ${input.name}`;
    try {
      return await activities.run(
        { kind: 'import', title, href: `/models/${encodeURIComponent(input.name)}` },
        () =>
          service.register({
            model: input.name,
            file,
            temporary: true,
            fileName,
            description: input.description,
          }),
      );
    } finally {
      await discard();
    }
  }),
});
