/** Named set-ups of an experiment's page. */
import { LatheError } from '../../../contract/errors.ts';
import type { SavedView } from '../../../contract/saved-views.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { createSavedViewStore } from './saved-views.store.ts';

export type SavedViews = {
  list(experimentId: string): SavedView[];
  create(experimentId: string, name: string, state: string): SavedView;
  update(id: string, revision: number, change: { name?: string; state?: string }): SavedView;
  delete(id: string): void;
  restore(id: string): SavedView;
};

export function createSavedViewService({
  db,
  clock,
  ids,
  events,
}: Pick<AreaContext, 'db' | 'clock' | 'ids' | 'events'>): SavedViews {
  const store = createSavedViewStore(db);

  const experimentOf = (uuid: string) => {
    const found = store.experiment(uuid);
    if (found === null) throw new LatheError('LATHE_NOT_FOUND', { kind: 'experiment', name: uuid });
    return found;
  };
  const need = (id: string, deleted: boolean) => {
    const found = store.find(id);
    if (!found || (found.deletedMs !== null) !== deleted)
      throw new LatheError('LATHE_NOT_FOUND', { kind: deleted ? 'deleted view' : 'view', name: id });
    return found;
  };
  const checkName = (experiment: number, name: string, own: string | null) => {
    const other = store.named(experiment, name);
    if (other !== null && other !== own) throw new LatheError('LATHE_VIEWS_NAME_TAKEN', { name });
  };
  const shown = (id: string): SavedView => {
    const { experiment: _, deletedMs: __, ...view } = need(id, false);
    return view;
  };
  function change<T>(work: () => T): T {
    const result = inTransaction(db, work);
    events.changed('experiments');
    return result;
  }

  return {
    list: (experimentId) => store.list(experimentOf(experimentId)).map(({ id }) => shown(id)),
    create: (experimentId, name, state) =>
      change(() => {
        const experiment = experimentOf(experimentId);
        checkName(experiment, name, null);
        const id = ids.next();
        store.insert(id, experiment, name, state, clock.now());
        return shown(id);
      }),
    update: (id, revision, { name, state }) =>
      change(() => {
        const present = need(id, false);
        if (present.revision !== revision)
          throw new LatheError('LATHE_CONFLICT', { kind: 'The view', name: present.name });
        const next = { ...present, name: name ?? present.name, state: state ?? present.state };
        checkName(present.experiment, next.name, id);
        store.update(next, clock.now());
        return shown(id);
      }),
    delete: (id) => change(() => store.update({ ...need(id, false), deletedMs: clock.now() }, clock.now())),
    restore: (id) =>
      change(() => {
        const gone = need(id, true);
        checkName(gone.experiment, gone.name, id);
        store.update({ ...gone, deletedMs: null }, clock.now());
        return shown(id);
      }),
  };
}
