import { Trash2, Undo2 } from 'lucide-react';
import type { TrashItem } from '../../../src-main/contract/trash.ts';
import { formatBytes, formatDateTime } from '../../lib/format.ts';
import { useRelative } from '../../lib/use-now.ts';
import { IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { contentOf, KINDS, keyOf } from './kinds.ts';

export type TrashTableProps = {
  items: readonly TrashItem[];
  filtered: boolean;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  onRestore(item: TrashItem): void;
  onPurge(item: TrashItem): void;
};

export function TrashTable(props: TrashTableProps) {
  const { items, filtered, selected, onSelect, onRestore, onPurge } = props;
  const columns: Column<TrashItem>[] = [
    {
      id: 'title',
      header: 'Name',
      sort: ({ title }) => title,
      cell: (item) => <Name item={item} />,
    },
    {
      id: 'place',
      header: 'Was in',
      sort: ({ place }) => place,
      cell: ({ place }) => <span className="text-ink-2">{place}</span>,
    },
    { id: 'content', header: 'Holds', cell: (item) => <span className="text-ink-2">{contentOf(item)}</span> },
    {
      id: 'bytes',
      header: 'Files',
      align: 'right',
      width: '100px',
      hint: 'All its files. What comes back may be less where others use the same bytes.',
      sort: ({ bytes }) => bytes,
      cell: ({ bytes }) => formatBytes(bytes),
    },
    {
      id: 'deleted',
      header: 'Deleted',
      align: 'right',
      width: '120px',
      sort: ({ deletedMs }) => deletedMs,
      cell: ({ deletedMs }) => <TimeAgo ms={deletedMs} />,
    },
    {
      id: 'expires',
      header: 'Goes for good',
      align: 'right',
      width: '130px',
      sort: ({ expiresMs }) => expiresMs,
      cell: ({ expiresMs }) => <Until ms={expiresMs} />,
    },
    {
      id: 'acts',
      header: '',
      align: 'right',
      width: '76px',
      cell: (item) => (
        <span className="inline-flex">
          <IconButton
            size="sm"
            icon={Undo2}
            label={`Restore ${item.title}`}
            onClick={() => onRestore(item)}
          />
          <IconButton
            size="sm"
            icon={Trash2}
            label={`Delete ${item.title} for good`}
            onClick={() => onPurge(item)}
          />
        </span>
      ),
    },
  ];
  return (
    <div className="overflow-x-auto">
      <Table
        label="Trash"
        columns={columns}
        rows={items}
        rowKey={keyOf}
        selection={{ selected, onChange: onSelect }}
        empty={
          <EmptyState
            icon={Trash2}
            title={filtered ? 'Nothing like that in the trash' : 'The trash is empty'}
          >
            {filtered
              ? 'Look for something else, or choose Everything.'
              : 'Deleted experiments, runs, models, versions and files wait here until their time is over.'}
          </EmptyState>
        }
      />
    </div>
  );
}

function Name({ item }: { item: TrashItem }) {
  const { icon: Icon, one } = KINDS[item.kind];
  return (
    <span className="inline-flex max-w-full items-center gap-2 align-middle">
      <Icon size={15} strokeWidth={1.75} aria-label={one} role="img" className="shrink-0 text-ink-3" />
      <span className="truncate" title={item.title}>
        {item.title}
      </span>
    </span>
  );
}

function Until({ ms }: { ms: number }) {
  return <span title={formatDateTime(ms)}>{useRelative(ms)}</span>;
}
