/** Changes of the registry: made at once, announced, and taken back from the announcement. */
import type { ModelVersion } from '../../../src-main/contract/models.ts';
import { reportOf } from '../../lib/errors.ts';
import { invalidateTopics } from '../../lib/query.ts';
import { type Rpc, rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';

export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';
type Change = (client: Rpc) => Promise<unknown>;

async function apply(change: Change): Promise<boolean> {
  try {
    await change(rpc);
    return true;
  } catch (error) {
    toast.error(reportOf(error));
    return false;
  } finally {
    invalidateTopics(['models', 'overview']);
  }
}

async function change(make: Change, takeBack: Change, done: string): Promise<void> {
  if (!(await apply(make))) return;
  toast.undo(done, () => void apply(takeBack).then((undone) => undone && toast.ok('Change undone')));
}

export const describeModel = (name: string, before: string, description: string): void =>
  void change(
    (client) => client.models.describe({ name, description }),
    (client) => client.models.describe({ name, description: before }),
    'Description saved',
  );

export const describeVersion = ({ model, version, description }: ModelVersion, text: string): void =>
  void change(
    (client) => client.models.describeVersion({ name: model, version, description: text }),
    (client) => client.models.describeVersion({ name: model, version, description }),
    'Description saved',
  );

/** `before` is the version that has the alias now; null takes it away. */
export const setAlias = (name: string, alias: string, before: string | null, version: string | null): void =>
  void change(
    (client) => client.models.setAlias({ name, alias, version }),
    (client) => client.models.setAlias({ name, alias, version: before }),
    version === null
      ? `@${alias} removed from version ${before}`
      : before === null
        ? `@${alias} is version ${version}`
        : `@${alias} moved from version ${before} to ${version}`,
  );

/** Of the model when `version` is null. */
export const setTag = (
  name: string,
  version: string | null,
  key: string,
  before: string | null,
  value: string | null,
): void =>
  void change(
    (client) => client.models.setTag({ name, version, key, value }),
    (client) => client.models.setTag({ name, version, key, value: before }),
    value === null ? `Tag ${key} removed` : `Tag ${key} set`,
  );

export const setStage = ({ model, version, stage }: ModelVersion, next: Stage): void =>
  void change(
    (client) => client.models.setStage({ name: model, version, stage: next }),
    (client) => client.models.setStage({ name: model, version, stage: stage as Stage }),
    `Version ${version} is in stage ${next}`,
  );
