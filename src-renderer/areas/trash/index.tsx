/** The trash: what was deleted, until when it can come back, and what deleting it for good would free. */
import { Trash2, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type TrashItem, TrashKind } from '../../../src-main/contract/trash.ts';
import { restore } from '../../lib/discard.ts';
import { formatBytes, formatCount, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { KINDS, keyOf } from './kinds.ts';
import { PurgeDialog } from './purge-dialog.tsx';
import { TrashTable } from './trash-table.tsx';

const PAGE = 200;
const NOBODY: ReadonlySet<string> = new Set();

export function View() {
  const { query } = useLocation();
  const kind = TrashKind.safeParse(query.kind).data ?? null;
  const text = query.text ?? '';
  const [shown, setShown] = useState(PAGE);
  const [selected, setSelected] = useState(NOBODY);
  const [purging, setPurging] = useState<'all' | readonly TrashItem[] | null>(null);
  const counts = useData(['trash', 'counts'], (rpc, signal) => rpc.trash.counts(undefined, { signal }));
  const list = useData(
    ['trash', 'list', kind, text, shown],
    (rpc, signal) =>
      rpc.trash.list({ ...(kind ? { kind } : {}), text, limit: Math.min(500, shown) }, { signal }),
    { keep: true },
  );
  const total = Object.values(counts.data ?? {}).reduce((sum, n) => sum + n, 0);
  const items = list.data?.items ?? [];
  const chosen = items.filter((item) => selected.has(keyOf(item)));

  useEffect(() => {
    if (query.empty === undefined || counts.data === undefined || counts.isFetching) return;
    setQuery({ empty: null });
    if (total > 0) setPurging('all');
  }, [query.empty, counts.data, counts.isFetching, total]);

  return (
    <Page>
      <PageHeader
        title="Trash"
        subtitle="What was deleted can come back until its time is over. Then, or when you delete it for good, its disk is free."
        actions={
          <Button icon={Trash2} disabled={total === 0} onClick={() => setPurging('all')}>
            Empty trash
          </Button>
        }
      />
      <div className="grid gap-4">
        <Usage />
        <Panel
          title="Deleted"
          hint={plural(total, 'thing')}
          padded={false}
          actions={
            chosen.length > 0 ? (
              <>
                <Button
                  size="sm"
                  icon={Undo2}
                  onClick={() => {
                    setSelected(NOBODY);
                    void restore(chosen, plural(chosen.length, 'thing'));
                  }}
                >
                  Restore {formatCount(chosen.length)}
                </Button>
                <Button size="sm" variant="danger" icon={Trash2} onClick={() => setPurging(chosen)}>
                  Delete {formatCount(chosen.length)} for good
                </Button>
              </>
            ) : null
          }
        >
          <div className="flex flex-wrap items-end gap-3 border-b border-line px-3 py-2">
            <div className="w-64">
              <TextField
                label="Find in the trash"
                hideLabel
                type="search"
                placeholder="Find by name or place"
                value={text}
                onChange={(value) => setQuery({ text: value === '' ? null : value })}
              />
            </div>
            <div className="w-48">
              <Select
                label="Kind"
                hideLabel
                value={kind ?? 'all'}
                onChange={(value) => setQuery({ kind: value === 'all' ? null : value })}
                options={[
                  { value: 'all', label: `Everything (${formatCount(total)})` },
                  ...TrashKind.options.map((one) => ({
                    value: one,
                    label: `${KINDS[one].many} (${formatCount(counts.data?.[one] ?? 0)})`,
                  })),
                ]}
              />
            </div>
          </div>
          <QueryState query={list} what="The trash">
            {(page) => (
              <>
                <TrashTable
                  items={page.items}
                  filtered={kind !== null || text !== ''}
                  selected={selected}
                  onSelect={setSelected}
                  onRestore={(item) => void restore([item], item.title)}
                  onPurge={(item) => setPurging([item])}
                />
                {page.nextCursor !== null ? (
                  <p className="border-t border-line p-2 text-center text-xs text-ink-3">
                    {shown < 500 ? (
                      <Button variant="ghost" onClick={() => setShown(shown + PAGE)}>
                        Show older
                      </Button>
                    ) : (
                      'Only the newest 500 are listed. Search, or choose a kind, to find older ones.'
                    )}
                  </p>
                ) : null}
              </>
            )}
          </QueryState>
        </Panel>
      </div>
      {purging ? (
        <PurgeDialog
          items={purging}
          count={purging === 'all' ? total : purging.length}
          onClose={() => setPurging(null)}
          onDone={() => setSelected(NOBODY)}
        />
      ) : null}
    </Page>
  );
}

function Usage() {
  const usage = useData(['trash', 'usage'], (rpc, signal) => rpc.trash.usage(undefined, { signal }));
  const weight = useData(['trash', 'weight'], (rpc, signal) => rpc.trash.weigh({ items: 'all' }, { signal }));
  const { databaseBytes, databaseFreeBytes, fileBytes, files, unusedBytes } = usage.data ?? {};
  const inTrash = weight.data ? weight.data.fileBytes + weight.data.rowBytes : null;
  return (
    <StatRow>
      <Stat label="The trash would free" value={formatBytes(inTrash)} />
      <Stat
        label="Stored files"
        value={formatBytes(fileBytes)}
        delta={files === undefined ? null : plural(files, 'file')}
      />
      <Stat
        label="Database"
        value={formatBytes(databaseBytes)}
        delta={databaseFreeBytes === undefined ? null : `${formatBytes(databaseFreeBytes)} of it free`}
      />
      <Stat label="Unused files, going soon" value={formatBytes(unusedBytes)} />
    </StatRow>
  );
}
