/** A run's files as a tree; a folder is read when it is opened. Arrow keys, Home, End and letters move, as in any tree. */
import { ChevronDown, ChevronRight, FileText, Folder, FolderOpen, Image } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { ArtifactEntry, ArtifactList } from '../../../src-main/contract/artifacts.ts';
import { formatBytes, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { cx } from '../../ui/cx.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';

export type TreeProps = { runId: string; selected: string | null; onSelect(path: string): void };

/** What lies in a folder, so many pages of it. */
export const useFolder = (runId: string, folder: string, pages: number) =>
  useData(
    ['experiments', 'files', runId, folder, pages],
    async (rpc, signal): Promise<ArtifactList> => {
      let list = await rpc.artifacts.list({ runId, folder }, { signal });
      for (let page = 1; page < pages && list.next !== null; page++) {
        const more = await rpc.artifacts.list({ runId, folder, after: list.next }, { signal });
        list = { ...more, entries: [...list.entries, ...more.entries] };
      }
      return list;
    },
    { keep: true },
  );

export function ArtifactTree({ runId, selected, onSelect }: TreeProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(foldersAbove(selected)));
  const [focused, setFocused] = useState<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const toggle = (folder: string) => {
    const next = new Set(open);
    if (!next.delete(folder)) next.add(folder);
    setOpen(next);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const item = (event.target as HTMLElement).closest<HTMLElement>('[role=treeitem]');
    if (!item || !tree.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const items = [...tree.current.querySelectorAll<HTMLElement>('[role=treeitem]')];
    const next = targetOf(event.key, item, items);
    if (next === undefined) return;
    event.preventDefault();
    if (next === 'toggle') item.click();
    else next?.focus();
  };
  return (
    <div
      ref={tree}
      role="tree"
      aria-label="Files"
      onKeyDown={onKeyDown}
      onFocus={(event) => setFocused((event.target as HTMLElement).dataset.path ?? null)}
      className="p-1"
    >
      <Level
        {...{ runId, selected, onSelect, open, toggle }}
        folder=""
        depth={0}
        focusable={focused ?? selected}
      />
    </div>
  );
}

type LevelProps = TreeProps & {
  folder: string;
  depth: number;
  open: ReadonlySet<string>;
  toggle(folder: string): void;
  /** The one item that Tab reaches. */
  focusable: string | null;
};

function Level(props: LevelProps) {
  const { runId, folder, depth, open, toggle, selected, onSelect, focusable } = props;
  const [pages, setPages] = useState(1);
  const list = useFolder(runId, folder, pages);
  const indent = { paddingLeft: 8 + depth * 14 };
  if (list.error)
    return (
      <p style={indent} className="py-1 text-xs text-bad">
        {list.error.report.cause}
      </p>
    );
  if (!list.data)
    return (
      <div style={indent} className="py-2" role="status" aria-label="Loading files">
        <Skeleton width="60%" height="10px" />
      </div>
    );
  const { entries, next } = list.data;
  return (
    <>
      {entries.map((entry, at) => {
        const id = entry.isFolder ? `${entry.path}/` : entry.path;
        const isOpen = entry.isFolder && open.has(entry.path);
        return (
          <div key={id}>
            <Item
              entry={entry}
              depth={depth}
              isOpen={isOpen}
              isSelected={!entry.isFolder && entry.path === selected}
              // Before anything was chosen Tab reaches the first item.
              canFocus={focusable === null ? depth === 0 && at === 0 : focusable === entry.path}
              onPick={() => (entry.isFolder ? toggle(entry.path) : onSelect(entry.path))}
            />
            {isOpen ? (
              // biome-ignore lint/a11y/useSemanticElements: a group of a tree is no fieldset.
              <div role="group">
                <Level {...props} folder={entry.path} depth={depth + 1} />
              </div>
            ) : null}
          </div>
        );
      })}
      {next === null ? null : (
        <button
          type="button"
          style={indent}
          onClick={() => setPages(pages + 1)}
          className="h-7 w-full rounded-sm text-left text-xs text-accent hover:bg-hover"
        >
          Show more
        </button>
      )}
    </>
  );
}

type ItemProps = {
  entry: ArtifactEntry;
  depth: number;
  isOpen: boolean;
  isSelected: boolean;
  canFocus: boolean;
  onPick(): void;
};

function Item({ entry, depth, isOpen, isSelected, canFocus, onPick }: ItemProps) {
  const Icon = iconOf(entry, isOpen);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree's handler turns Enter and Space into clicks.
    <div
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={entry.isFolder ? isOpen : undefined}
      data-path={entry.path}
      data-name={entry.name}
      tabIndex={canFocus ? 0 : -1}
      onClick={onPick}
      style={{ paddingLeft: 4 + depth * 14 }}
      className={cx(
        'flex h-7 cursor-default items-center gap-1.5 rounded-sm pr-2 focus-visible:-outline-offset-2',
        isSelected ? 'bg-selected' : 'hover:bg-hover',
      )}
    >
      {entry.isFolder ? (
        <Chevron size={13} aria-hidden="true" className="shrink-0 text-ink-3" />
      ) : (
        <span className="w-[13px] shrink-0" />
      )}
      <Icon size={14} aria-hidden="true" className="shrink-0 text-ink-3" />
      <span className="min-w-0 flex-1 truncate" title={entry.name}>
        {entry.name}
      </span>
      <span className="num shrink-0 text-xs text-ink-3">
        {entry.isFolder ? plural(entry.files, 'file') : formatBytes(entry.size)}
      </span>
    </div>
  );
}

const iconOf = ({ isFolder, name }: ArtifactEntry, isOpen: boolean) => {
  if (isFolder) return isOpen ? FolderOpen : Folder;
  return /\.(png|jpe?g|gif|webp|svg)$/i.test(name) ? Image : FileText;
};

function foldersAbove(path: string | null): string[] {
  const parts = (path ?? '').split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

/** Where a key leads: an item, a click on this one, nowhere (null), or the key is none of the tree's (undefined). */
function targetOf(
  key: string,
  item: HTMLElement,
  items: readonly HTMLElement[],
): HTMLElement | 'toggle' | null | undefined {
  const at = items.indexOf(item);
  const level = Number(item.ariaLevel);
  const expanded = item.ariaExpanded;
  switch (key) {
    case 'ArrowDown':
      return items[at + 1] ?? null;
    case 'ArrowUp':
      return items[at - 1] ?? null;
    case 'Home':
      return items[0] ?? null;
    case 'End':
      return items.at(-1) ?? null;
    case 'ArrowRight':
      if (expanded === 'false') return 'toggle';
      return expanded === 'true' && Number(items[at + 1]?.ariaLevel) > level ? (items[at + 1] ?? null) : null;
    case 'ArrowLeft':
      if (expanded === 'true') return 'toggle';
      return items.slice(0, at).findLast((one) => Number(one.ariaLevel) < level) ?? null;
    case 'Enter':
    case ' ':
      return 'toggle';
    default: {
      if (key.length !== 1) return undefined;
      const letter = key.toLowerCase();
      const others = [...items.slice(at + 1), ...items.slice(0, at)];
      return others.find((one) => one.dataset.name?.toLowerCase().startsWith(letter)) ?? null;
    }
  }
}
