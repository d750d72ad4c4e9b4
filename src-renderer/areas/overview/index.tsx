/** What is running and what needs a person, at a glance. */
import { useData } from '../../lib/query.ts';
import { useConnection } from '../../lib/rpc.ts';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { AttentionPanel } from './AttentionPanel.tsx';
import { CountRow } from './CountRow.tsx';
import { EndpointsPanel } from './EndpointsPanel.tsx';
import { FirstSteps } from './FirstSteps.tsx';
import { ModelHealthPanel } from './ModelHealthPanel.tsx';
import { NewestRuns } from './NewestRuns.tsx';
import { ReplayPanel } from './ReplayPanel.tsx';
import { ServicesPanel } from './ServicesPanel.tsx';

export function View() {
  const { hello } = useConnection();
  const overview = useData(['overview'], (rpc, signal) => rpc.overview.summary(undefined, { signal }));
  return (
    <Page>
      <PageHeader
        title="Overview"
        subtitle={
          hello?.workspace.sample
            ? 'The sample: a model that predicts flight delays, served to two groups and watched on weeks it never saw.'
            : 'What runs in this workspace, and what needs you.'
        }
      />
      <FirstSteps />
      <CountRow query={overview} />
      <div className="mt-4 grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_400px]">
        <div className="grid min-w-0 gap-4">
          <AttentionPanel query={overview} />
          <ModelHealthPanel />
          <EndpointsPanel />
          <NewestRuns />
        </div>
        <div className="grid min-w-0 gap-4 max-xl:grid-cols-2 max-lg:grid-cols-1">
          <ReplayPanel />
          <ServicesPanel />
        </div>
      </div>
    </Page>
  );
}
