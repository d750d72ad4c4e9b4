/** The views of an experiment: open one, save the page as one, and keep one up to date. */
import { Bookmark, Check, Pencil, Plus, Save, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { SavedView } from '../../../src-main/contract/saved-views.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction, useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { TextField } from '../../ui/TextField.tsx';

type ViewsMenuProps = {
  experiment: string;
  /** What the page shows now, as JSON. */
  state: string;
  /** Makes the page show what was saved. */
  onOpen(state: string): void;
};

const NONE: readonly SavedView[] = [];

export function ViewsMenu({ experiment, state, onOpen }: ViewsMenuProps) {
  const { query } = useLocation();
  const list = useData(
    ['experiments', 'views', experiment],
    (rpc, signal) => rpc.savedViews.list({ experimentId: experiment }, { signal }),
    { keep: true },
  );
  const views = list.data ?? NONE;
  const current = views.find(({ id }) => id === query.saved) ?? null;
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null);

  const open = (view: SavedView | null) => {
    setQuery({ saved: view?.id ?? null });
    if (view) onOpen(view.state);
  };
  // A link to a view opens it, once the list is here.
  const linked = useRef(query.saved);
  useEffect(() => {
    const view = views.find(({ id }) => id === linked.current);
    if (!view) return;
    linked.current = undefined;
    onOpen(view.state);
  }, [views, onOpen]);

  const update = useAction(
    (rpc, view: SavedView) => rpc.savedViews.update({ id: view.id, revision: view.revision, state }),
    {
      topics: ['experiments'],
      onDone: (saved, before) =>
        toast.undo(`Saved the view ${saved.name}`, () => putBack.mutate({ ...saved, state: before.state })),
    },
  );
  const putBack = useAction(
    (rpc, view: SavedView) =>
      rpc.savedViews.update({ id: view.id, revision: view.revision, state: view.state }),
    { topics: ['experiments'] },
  );
  const restore = useAction((rpc, id: string) => rpc.savedViews.restore({ id }), { topics: ['experiments'] });
  const remove = useAction((rpc, view: SavedView) => rpc.savedViews.delete({ id: view.id }), {
    topics: ['experiments'],
    onDone: (_, view) => {
      setQuery({ saved: null });
      toast.undo(`Deleted the view ${view.name}`, () => restore.mutate(view.id));
    },
  });

  const changed = current !== null && current.state !== state;
  const items: MenuItem[] = [
    ...views.map((view) => ({
      id: view.id,
      label: view.name,
      ...(view.id === current?.id ? { icon: Check } : {}),
      run: () => open(view),
    })),
    ...(views.length > 0 ? (['separator'] as const) : []),
    ...(current
      ? [
          {
            id: 'update',
            label: `Save changes to ${current.name}`,
            icon: Save,
            reason: changed ? null : 'Nothing was changed since it was saved.',
            run: () => update.mutate(current),
          },
        ]
      : []),
    { id: 'new', label: 'Save as a new view', icon: Plus, run: () => setNaming('new') },
    ...(current
      ? [
          { id: 'rename', label: `Rename ${current.name}`, icon: Pencil, run: () => setNaming('rename') },
          {
            id: 'delete',
            label: `Delete ${current.name}`,
            icon: Trash2,
            danger: true,
            run: () => remove.mutate(current),
          },
        ]
      : []),
  ];

  return (
    <>
      <Menu
        trigger={
          <Button icon={Bookmark}>
            <span className="max-w-40 truncate">{current ? current.name : 'Views'}</span>
            {changed ? <span className="text-ink-3"> (changed)</span> : null}
          </Button>
        }
        items={items}
      />
      {naming ? (
        <NameDialog
          experiment={experiment}
          state={state}
          renamed={naming === 'rename' ? current : null}
          onClose={() => setNaming(null)}
          onDone={(view) => {
            setNaming(null);
            setQuery({ saved: view.id });
          }}
        />
      ) : null}
    </>
  );
}

type NameDialogProps = {
  experiment: string;
  state: string;
  /** The view whose name is changed, or null for a new one. */
  renamed: SavedView | null;
  onClose(): void;
  onDone(view: SavedView): void;
};

function NameDialog({ experiment, state, renamed, onClose, onDone }: NameDialogProps) {
  const [name, setName] = useState(renamed?.name ?? '');
  const save = useAction(
    (rpc) =>
      renamed
        ? rpc.savedViews.update({ id: renamed.id, revision: renamed.revision, name })
        : rpc.savedViews.create({ experimentId: experiment, name, state }),
    { topics: ['experiments'], quiet: true, onDone },
  );
  const failure = save.error ? reportOf(save.error) : null;
  const verb = renamed ? 'Rename view' : 'Save view';
  return (
    <Dialog
      open
      onClose={onClose}
      title={verb}
      description={
        renamed ? undefined : 'Filter, sort, columns, groups, pinned runs and charts as they are now.'
      }
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={name.trim() === ''}
            busy={save.isPending}
            onClick={() => save.mutate()}
          >
            {verb}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') save.mutate();
        }}
      >
        <TextField label="Name" value={name} onChange={setName} maxLength={120} data-autofocus="" />
        <FailureCallout report={failure} />
      </form>
    </Dialog>
  );
}
