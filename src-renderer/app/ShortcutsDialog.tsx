import { ACTIONS } from '../../src-main/contract/actions.ts';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { setView, useViewStore } from '../lib/store.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Kbd } from '../ui/Kbd.tsx';
import { isAvailable } from './actions.ts';

/** The keys that tables and dialogs understand, which are nobody's action. */
const IN_VIEWS = [
  { title: 'Move between rows', keys: '↑+↓' },
  { title: 'Open the row', keys: 'Enter' },
  { title: 'Close what is open', keys: 'Esc' },
  { title: 'Show the keyboard shortcuts', keys: '?' },
];

export function ShortcutsDialog({ hello }: { hello: Hello }) {
  const open = useViewStore((state) => state.shortcutsOpen);
  const bound = ACTIONS.filter((action) => action.keys !== null && isAvailable(action, hello));
  const groups = [...new Set(bound.map(({ group }) => group))];
  return (
    <Dialog
      open={open}
      onClose={() => setView({ shortcutsOpen: false })}
      title="Keyboard shortcuts"
      width="lg"
    >
      <div className="columns-2 gap-8 pb-3">
        {groups.map((group) => (
          <Group
            key={group}
            title={group}
            rows={bound
              .filter((action) => action.group === group)
              .map(({ title, keys }) => ({ title, keys: keys ?? '' }))}
          />
        ))}
        <Group title="In views" rows={IN_VIEWS} />
      </div>
    </Dialog>
  );
}

function Group({ title, rows }: { title: string; rows: readonly { title: string; keys: string }[] }) {
  return (
    <section className="mb-4 break-inside-avoid">
      <h3 className="mb-1 text-xs text-ink-3">{title}</h3>
      <dl>
        {rows.map((row) => (
          <div key={row.title} className="flex h-7 items-center justify-between gap-4 border-b border-line">
            <dt className="truncate">{row.title}</dt>
            <dd>
              <Kbd keys={row.keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
