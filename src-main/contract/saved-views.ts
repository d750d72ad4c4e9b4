/** Named set-ups of an experiment's page: filter, columns, sort, groups, charts. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, Revision } from './common.ts';

const MOST_STATE = 64 * 1024;
const ViewName = z.string().trim().min(1).max(120);
/** JSON of the page's own making; the engine keeps it as it is. */
const ViewState = z.string().max(MOST_STATE);

export const SavedView = z.object({
  id: Id,
  name: z.string(),
  state: z.string(),
  revision: Revision,
  updatedMs: Millis,
});
export type SavedView = z.infer<typeof SavedView>;

export const savedViews = {
  /** By name. */
  list: oc.input(z.object({ experimentId: Id })).output(z.array(SavedView)),
  /** LATHE_VIEWS_NAME_TAKEN when the experiment has a view of that name. */
  create: oc.input(z.object({ experimentId: Id, name: ViewName, state: ViewState })).output(SavedView),
  /** LATHE_CONFLICT when it was changed since `revision`. */
  update: oc
    .input(z.object({ id: Id, revision: Revision, name: ViewName.optional(), state: ViewState.optional() }))
    .output(SavedView),
  delete: oc.input(z.object({ id: Id })).output(z.void()),
  /** Takes a deletion back. LATHE_VIEWS_NAME_TAKEN when the name was given to another view meanwhile. */
  restore: oc.input(z.object({ id: Id })).output(SavedView),
};
