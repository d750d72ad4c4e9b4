import { Command } from 'cmdk';
import {
  BellRing,
  Box,
  CornerDownLeft,
  FlaskConical,
  Gauge,
  type LucideIcon,
  Split,
  Terminal,
} from 'lucide-react';
import { useMemo, useState } from 'react';
import { ACTIONS } from '../../src-main/contract/actions.ts';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { useData } from '../lib/query.ts';
import { navigate, pathTo } from '../lib/router.ts';
import { recall, remember, setView, useViewStore } from '../lib/store.ts';
import { Kbd } from '../ui/Kbd.tsx';
import { LayerContext } from '../ui/layer.ts';
import { useModal } from '../ui/use-modal.ts';
import { isAvailable, runAction } from './actions.ts';
import { SECTIONS } from './sections.ts';

type Entry = {
  id: string;
  group: 'Commands' | 'Alerts' | 'Endpoints' | 'Models' | 'Experiments' | 'Runs';
  title: string;
  /** Says more, and is searched too. */
  note: string;
  icon: LucideIcon;
  keys: string | null;
  run(): void;
};

const GROUPS: readonly Entry['group'][] = [
  'Commands',
  'Alerts',
  'Endpoints',
  'Models',
  'Experiments',
  'Runs',
];
const RECENT = 5;

/** Everything Lathe can do or show, by typing a part of its name. */
export function CommandPalette({ hello }: { hello: Hello }) {
  const open = useViewStore((state) => state.paletteOpen);
  return open ? <Palette hello={hello} /> : null;
}

const close = () => setView({ paletteOpen: false });

function Palette({ hello }: { hello: Hello }) {
  const [element, ref] = useModal();
  const [search, setSearch] = useState('');
  const entries = useEntries(hello);
  const recent = useMemo(() => recentIds(), []);

  const choose = (entry: Entry) => {
    remember('recent', [entry.id, ...recent.filter((id) => id !== entry.id)].slice(0, RECENT).join('\n'));
    close();
    entry.run();
  };
  const latest = search
    ? []
    : recent.map((id) => entries.find((entry) => entry.id === id)).filter((entry) => entry !== undefined);

  return (
    <dialog
      ref={ref}
      tabIndex={-1}
      aria-label="Command palette"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      // A click on the backdrop lands on the dialog itself.
      onClick={(event) => event.target === element && close()}
      onKeyDown={(event) => event.key === 'Escape' && close()}
      className="lathe-dialog mt-[12vh] w-[640px] max-w-[calc(100vw-48px)] overflow-hidden rounded-lg border border-line bg-raised shadow-2xl"
    >
      <LayerContext.Provider value={element}>
        <Command label="Command palette" loop>
          <Command.Input
            data-autofocus=""
            value={search}
            onValueChange={setSearch}
            placeholder="Search commands, alerts, runs, models and endpoints"
            className="h-12 w-full border-b border-line bg-transparent px-4 text-md outline-none"
          />
          <Command.List className="max-h-[52vh] overflow-y-auto p-1.5">
            <Command.Empty className="px-3 py-8 text-center text-ink-3">
              Nothing matches “{search}”.
            </Command.Empty>
            {latest.length > 0 && (
              <EntryGroup title="Recent" entries={latest} prefix="recent:" onChoose={choose} />
            )}
            {GROUPS.map((group) => (
              <EntryGroup
                key={group}
                title={group}
                entries={entries.filter((entry) => entry.group === group && !latest.includes(entry))}
                prefix=""
                onChoose={choose}
              />
            ))}
          </Command.List>
        </Command>
        <footer className="flex items-center gap-4 border-t border-line bg-surface px-3 py-1.5 text-xs text-ink-3">
          <span className="flex items-center gap-1.5">
            <Kbd keys="↑+↓" /> move
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd keys="Enter" /> open
          </span>
          <span className="flex items-center gap-1.5">
            <Kbd keys="Esc" /> close
          </span>
        </footer>
      </LayerContext.Provider>
    </dialog>
  );
}

type GroupProps = { title: string; entries: Entry[]; prefix: string; onChoose(entry: Entry): void };

function EntryGroup({ title, entries, prefix, onChoose }: GroupProps) {
  if (entries.length === 0) return null;
  return (
    <Command.Group
      heading={title}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3"
    >
      {entries.map((entry) => (
        <Command.Item
          key={entry.id}
          value={`${prefix}${entry.id}`}
          keywords={[entry.title, entry.note]}
          onSelect={() => onChoose(entry)}
          className="group/item flex h-8.5 items-center gap-2.5 rounded-sm px-2.5 select-none aria-selected:bg-selected"
        >
          <entry.icon size={15} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-ink-3" />
          <span className="truncate">{entry.title}</span>
          {entry.note && <span className="num truncate text-xs text-ink-3">{entry.note}</span>}
          <span className="ml-auto flex shrink-0 items-center gap-2">
            {entry.keys && <Kbd keys={entry.keys} />}
            <CornerDownLeft
              size={13}
              aria-hidden="true"
              className="text-ink-3 opacity-0 group-aria-selected/item:opacity-100"
            />
          </span>
        </Command.Item>
      ))}
    </Command.Group>
  );
}

/** Runs of the few experiments touched last; older ones are found in Experiments. */
const EXPERIMENTS_SEARCHED = 3;
const RUNS_SEARCHED = 100;
const ALERTS_SEARCHED = 20;

function useEntries(hello: Hello): Entry[] {
  const models = useData(['models', 'list'], (rpc, signal) => rpc.models.list(undefined, { signal }));
  const endpoints = useData(['serving', 'list'], (rpc, signal) => rpc.serving.list(undefined, { signal }));
  const alerts = useData(['alerts', 'list', 'open'], (rpc, signal) =>
    rpc.alerts.list({ state: 'open' }, { signal }),
  );
  const experiments = useData(['experiments', 'list'], (rpc, signal) =>
    rpc.experiments.list(undefined, { signal }),
  );
  const runs = useData(['experiments', 'palette'], async (rpc, signal) => {
    const all = await rpc.experiments.list(undefined, { signal });
    const newest = all.toSorted((a, b) => b.updatedMs - a.updatedMs).slice(0, EXPERIMENTS_SEARCHED);
    const pages = await Promise.all(
      newest.map(({ id }) => rpc.experiments.runs({ experimentId: id, limit: RUNS_SEARCHED }, { signal })),
    );
    return pages.flatMap(({ rows }, at) =>
      rows.map((row) => ({ id: row.id, name: row.name, experiment: newest[at]?.name ?? '' })),
    );
  });

  return useMemo(() => {
    const go = (path: string) => () => navigate(path);
    const none = { keys: null };
    return [
      ...ACTIONS.filter((action) => action.id !== 'palette.open' && isAvailable(action, hello)).map(
        (action): Entry => ({
          id: action.id,
          group: 'Commands',
          title: action.title,
          note: '',
          icon: SECTIONS.find((section) => section.action === action.id)?.icon ?? Terminal,
          keys: action.keys,
          run: () => void runAction(action.id),
        }),
      ),
      ...(alerts.data?.alerts ?? []).slice(0, ALERTS_SEARCHED).map(
        ({ id, title, endpoint }): Entry => ({
          ...none,
          id: `alert:${id}`,
          group: 'Alerts',
          title,
          note: endpoint,
          icon: BellRing,
          run: go(pathTo('alerts', id)),
        }),
      ),
      ...(endpoints.data ?? []).flatMap(({ name, model }): Entry[] => [
        {
          ...none,
          id: `endpoint:${name}`,
          group: 'Endpoints',
          title: name,
          note: `serves ${model}`,
          icon: Split,
          run: go(pathTo('serving', name)),
        },
        {
          ...none,
          id: `monitoring:${name}`,
          group: 'Endpoints',
          title: name,
          note: 'drift and quality',
          icon: Gauge,
          run: go(pathTo('monitoring', name)),
        },
      ]),
      ...(models.data ?? []).map(
        ({ name, latest }): Entry => ({
          ...none,
          id: `model:${name}`,
          group: 'Models',
          title: name,
          note: latest ? `version ${latest}` : '',
          icon: Box,
          run: go(pathTo('models', name)),
        }),
      ),
      ...(experiments.data ?? []).map(
        ({ id, name }): Entry => ({
          ...none,
          id: `experiment:${id}`,
          group: 'Experiments',
          title: name,
          note: '',
          icon: FlaskConical,
          run: go(pathTo('experiments', id)),
        }),
      ),
      ...(runs.data ?? []).map(
        ({ id, name, experiment }): Entry => ({
          ...none,
          id: `run:${id}`,
          group: 'Runs',
          title: name,
          note: experiment,
          icon: FlaskConical,
          run: go(pathTo('runs', id)),
        }),
      ),
    ];
  }, [hello, alerts.data, models.data, endpoints.data, experiments.data, runs.data]);
}

const recentIds = (): string[] => (recall('recent') ?? '').split('\n').filter(Boolean);
