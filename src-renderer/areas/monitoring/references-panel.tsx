/** The references of the versions that an endpoint routes to: which is in use, and how another comes to be. */
import { Bookmark, FileUp, FolderGit2, History, MoreHorizontal, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Reference } from '../../../src-main/contract/references.ts';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { useWidth } from '../../charts/use-width.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatCount, formatDate, plural } from '../../lib/format.ts';
import type { TimeRange } from '../../lib/monitoring-scope.ts';
import { useAction } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { useReferences } from '../../lib/use-references.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorState } from '../../ui/ErrorState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RemoveDialog } from '../../ui/RemoveDialog.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { ReferenceFromFile } from './reference-from-file.tsx';
import { ReferenceFromRun } from './reference-from-run.tsx';
import { ReferenceFromWindow } from './reference-from-window.tsx';

type Way = 'file' | 'window' | 'run';

const KINDS: Readonly<Record<Reference['kind'], string>> = {
  'training-run': 'training data',
  file: 'file',
  'serving-window': 'past traffic',
};

/** What came with the version names the run that made it; other sources are in words. */
const isRun = (source: string): boolean => /^[0-9a-f-]{32,36}$/.test(source);

export function ReferencesPanel({ endpoint, range }: { endpoint: Endpoint; range: TimeRange | null }) {
  const [adding, setAdding] = useState<Way | null>(null);
  const [removing, setRemoving] = useState<Reference | null>(null);
  const { references, pending, error, retry } = useReferences(endpoint);
  const versions = [...new Set(endpoint.arms.map(({ version }) => version))];
  const activate = useAction((rpc, { id }: Reference) => rpc.references.activate({ id }), {
    topics: ['monitoring'],
    onDone: (reference, before) => {
      const previous = references.find(
        (one) => one.active && one.version === before.version && one.id !== before.id,
      );
      const title = `Version ${reference.version} is compared with ${reference.title}`;
      if (previous) toast.undo(title, () => activate.mutate(previous));
      else toast.ok(title);
    },
  });
  const close = () => setAdding(null);
  const add: MenuItem[] = [
    { id: 'file', label: 'From a file …', icon: FileUp, run: () => setAdding('file') },
    {
      id: 'window',
      label: 'From past traffic …',
      icon: History,
      reason: range === null ? 'There is no traffic yet.' : null,
      run: () => setAdding('window'),
    },
    { id: 'run', label: 'From the run’s files …', icon: FolderGit2, run: () => setAdding('run') },
  ];
  const addButton = (
    <Menu
      trigger={
        <Button icon={Plus} size="sm">
          Add a reference
        </Button>
      }
      items={add}
    />
  );
  const actions = (reference: Reference): MenuItem[] => [
    {
      id: 'activate',
      label: 'Compare with this one',
      icon: Bookmark,
      reason: reference.active ? 'It is in use already.' : null,
      run: () => activate.mutate(reference),
    },
    'separator',
    {
      id: 'remove',
      label: 'Remove …',
      icon: Trash2,
      danger: true,
      run: () => setRemoving(reference),
    },
  ];
  const [ref, width] = useWidth();
  const columns: Column<Reference>[] = [
    {
      id: 'title',
      header: 'Reference',
      cell: ({ title, source, kind }) => (
        <span className="block max-w-72 py-1.5" title={source}>
          <span className="block truncate">{title}</span>
          <span className="num block truncate text-xs font-normal text-ink-3">
            {KINDS[kind]}
            {' · '}
            {isRun(source) ? (
              <Link to={pathTo('runs', source)} className="underline">
                its run
              </Link>
            ) : (
              source
            )}
          </span>
        </span>
      ),
      sort: ({ title }) => title,
    },
    {
      id: 'state',
      header: 'In use',
      cell: ({ active }) =>
        active ? <Badge tone="accent">compared with</Badge> : <span className="text-ink-3">no</span>,
    },
    {
      id: 'version',
      header: 'Version',
      cell: ({ version }) => `v${version}`,
      sort: ({ version }) => Number(version),
    },
    {
      id: 'rows',
      header: 'Rows',
      align: 'right',
      cell: ({ rows }) => formatCount(rows),
      sort: ({ rows }) => rows,
    },
    {
      id: 'raw',
      header: 'Kept raw',
      align: 'right',
      hint: 'Rows that are kept as they were, so that exact scores can be computed in reports',
      cell: ({ rawRows }) => formatCount(rawRows),
      sort: ({ rawRows }) => rawRows,
    },
    {
      id: 'features',
      header: 'Features',
      align: 'right',
      cell: ({ features, absent }) =>
        absent.length === 0 ? (
          formatCount(features.length)
        ) : (
          <span className="text-warn" title={`Not watched, it has no column for: ${absent.join(', ')}`}>
            {formatCount(features.length)}, {absent.length} absent
          </span>
        ),
    },
    {
      id: 'created',
      header: 'Added',
      align: 'right',
      cell: ({ createdMs }) => formatDate(createdMs),
      sort: ({ createdMs }) => createdMs,
    },
    {
      id: 'menu',
      header: '',
      width: '40px',
      cell: (reference) => (
        <Menu
          trigger={<IconButton icon={MoreHorizontal} label={`Actions for ${reference.title}`} size="sm" />}
          items={actions(reference)}
        />
      ),
    },
  ];
  const left =
    width > 0 && width < 900 ? columns.filter(({ id }) => id !== 'raw' && id !== 'created') : columns;
  const shared = { model: endpoint.model, versions, onClose: close };
  return (
    <>
      <Panel
        title="References"
        hint={
          references.length > 0
            ? plural(references.length, 'reference')
            : 'what live values are compared with'
        }
        actions={addButton}
        padded={false}
      >
        <div ref={ref} className="overflow-x-auto">
          {error && references.length === 0 ? (
            <ErrorState title="The references could not be loaded" report={reportOf(error)} onRetry={retry} />
          ) : pending && references.length === 0 ? (
            <SkeletonRows rows={2} label="Loading the references" />
          ) : (
            <Table
              label="References"
              columns={left}
              rows={references}
              rowKey={({ id }) => id}
              empty={
                <EmptyState icon={Bookmark} title="No reference yet">
                  Live values are compared with a reference: the data that the version was trained on, any
                  file with the same columns, or a stretch of past traffic. Its first reference freezes the
                  grid that a version’s values are counted on.
                </EmptyState>
              }
            />
          )}
        </div>
      </Panel>
      {adding === 'file' ? <ReferenceFromFile {...shared} /> : null}
      {adding === 'run' ? <ReferenceFromRun {...shared} onFile={() => setAdding('file')} /> : null}
      {adding === 'window' && range ? (
        <ReferenceFromWindow endpoint={endpoint.name} versions={versions} range={range} onClose={close} />
      ) : null}
      {removing ? (
        <RemoveDialog
          what={removing.title}
          name={removing.title}
          remove={(rpc) => rpc.references.remove({ id: removing.id })}
          topics={['monitoring']}
          onClose={() => setRemoving(null)}
        >
          {removing.active
            ? 'It is in use: the version’s first reference takes its place, and all scores are taken against that. '
            : ''}
          Its counts and raw rows are deleted.
        </RemoveDialog>
      ) : null}
    </>
  );
}
