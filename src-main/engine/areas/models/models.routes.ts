import { implement } from '@orpc/server';
import { models as contract } from '../../../contract/models.ts';
import type { Activities } from '../activity/index.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Models } from './models.service.ts';
import type { Registry } from './registry.service.ts';
import type { DiffVersions } from './version-diff.ts';
import type { InspectFiles } from './version-files.ts';

const os = implement(contract);

export const modelRoutes = (
  service: Models,
  registry: Registry,
  inspect: InspectFiles,
  diff: DiffVersions,
  { uploads, activities }: { uploads: Uploads; activities: Activities },
) => ({
  list: os.list.handler(() => service.list()),
  get: os.get.handler(({ input }) => service.get(input.name)),
  version: os.version.handler(({ input }) => service.version(input.name, input.version)),
  files: os.files.handler(({ input: { name, version } }) => {
    const { sha256 } = service.version(name, version);
    return inspect(registry.downloadUri(name, version), sha256);
  }),
  diff: os.diff.handler(({ input }) => diff(input.a, input.b)),
  describe: os.describe.handler(({ input }) => void registry.describe(input.name, input.description)),
  describeVersion: os.describeVersion.handler(
    ({ input }) => void registry.describeVersion(input.name, input.version, input.description),
  ),
  setAlias: os.setAlias.handler(({ input: { name, alias, version } }) =>
    version === null ? registry.deleteAlias(name, alias) : registry.setAlias(name, alias, version),
  ),
  setTag: os.setTag.handler(({ input: { name, version, key, value } }) => {
    if (version === null)
      return value === null ? registry.deleteTag(name, key) : registry.setTag(name, { key, value });
    if (value === null) return registry.deleteVersionTag(name, version, key);
    return registry.setVersionTag(name, version, { key, value });
  }),
  setStage: os.setStage.handler(
    ({ input: { name, version, stage } }) => void registry.transition(name, version, stage, false),
  ),
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
