/** What is under way, what was done, and what went wrong. */
import { useMemo } from 'react';
import type { Activity } from '../../../src-main/contract/activity.ts';
import { plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { History } from './History.tsx';
import { RunningList } from './RunningList.tsx';

const FILTERS = [
  { value: 'all', label: 'Everything' },
  { value: 'changes', label: 'Changes' },
  { value: 'jobs', label: 'Jobs' },
  { value: 'incidents', label: 'Incidents' },
  { value: 'failed', label: 'Failed' },
] as const;
type Filter = (typeof FILTERS)[number]['value'];

const KEEP: Record<Filter, (activity: Activity) => boolean> = {
  all: () => true,
  changes: ({ kind }) => kind === 'change',
  jobs: ({ kind }) => kind !== 'change' && kind !== 'incident',
  incidents: ({ kind }) => kind === 'incident',
  failed: ({ state }) => state === 'failed',
};

export function View() {
  const { query: view } = useLocation();
  const filter = FILTERS.find(({ value }) => value === view.show)?.value ?? 'all';
  const query = useData(['activity', 'list'], (rpc, signal) => rpc.activity.list({ limit: 500 }, { signal }));
  const running = useMemo(() => query.data?.filter(({ state }) => state === 'running') ?? [], [query.data]);
  return (
    <Page>
      <PageHeader title="Activity" subtitle="What is under way, what was done, and what went wrong." />
      <div className="grid gap-4">
        {running.length > 0 && (
          <Panel title="Under way" hint={plural(running.length, 'activity', 'activities')} padded={false}>
            <RunningList activities={running} />
          </Panel>
        )}
        <Panel
          title="History"
          padded={false}
          actions={
            <SegmentedControl
              label="Show"
              options={FILTERS}
              value={filter}
              onChange={(show) => setQuery({ show: show === 'all' ? null : show })}
            />
          }
        >
          <QueryState query={query} what="The history">
            {(activities) => (
              <History
                activities={activities.filter((one) => one.state !== 'running' && KEEP[filter](one))}
                filtered={filter !== 'all'}
              />
            )}
          </QueryState>
        </Panel>
      </div>
    </Page>
  );
}
