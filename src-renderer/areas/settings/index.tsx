/** Every setting is saved as soon as it is changed, and can be taken back from the toast that says so. */
import { useData } from '../../lib/query.ts';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { AboutSection } from './AboutSection.tsx';
import { AppearanceSection } from './AppearanceSection.tsx';
import { MonitoringSection } from './MonitoringSection.tsx';
import { NetworkSection } from './NetworkSection.tsx';
import { ServingSection } from './ServingSection.tsx';
import { TrashSection } from './TrashSection.tsx';
import { WorkspaceSection } from './WorkspaceSection.tsx';

export function View() {
  const query = useData(['settings'], (rpc, signal) => rpc.settings.get(undefined, { signal }));
  return (
    <Page wide={false}>
      <PageHeader title="Settings" subtitle="Each change is saved at once." />
      <div className="grid gap-4">
        <QueryState query={query} what="The settings">
          {(settings) => (
            <>
              <AppearanceSection settings={settings} />
              <NetworkSection settings={settings} />
              <ServingSection settings={settings} />
              <MonitoringSection settings={settings} />
              <TrashSection settings={settings} />
            </>
          )}
        </QueryState>
        <WorkspaceSection />
        <AboutSection />
      </div>
    </Page>
  );
}
