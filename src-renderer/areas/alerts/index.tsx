/** Alerts: what fired, one alert with its evidence, the rules, and where it is told. */
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { navigate, type Route, setQuery, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { ViewTabs } from '../../ui/ViewTabs.tsx';
import { AlertPage } from './alert-page.tsx';
import { ChannelsView } from './channels-view.tsx';
import { Inbox } from './inbox.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import { RulesView } from './rules-view.tsx';

export { type RuleDraft, sensible } from './rule-draft.ts';
export { RuleDialog };

const TABS = [
  { id: 'inbox', label: 'Inbox', to: '/alerts' },
  { id: 'rules', label: 'Rules', to: '/alerts?tab=rules' },
  { id: 'channels', label: 'Channels', to: '/alerts?tab=channels' },
] as const;

export function View({ route }: { route: Extract<Route, { view: 'alerts' }> }) {
  return route.alert === undefined ? <Lists /> : <AlertPage id={route.alert} />;
}

function Lists() {
  const { query } = useLocation();
  const tab = TABS.find(({ id }) => id === query.tab)?.id ?? 'inbox';
  const [making, setMaking] = useState(false);
  const close = () => {
    setMaking(false);
    if (query.make) setQuery({ make: null });
  };
  return (
    <Page>
      <PageHeader
        title="Alerts"
        subtitle="Rules on any series, and what they found. An alert opens on its evidence."
        actions={
          <Button
            icon={Plus}
            variant={tab === 'rules' ? 'primary' : 'secondary'}
            onClick={() => setMaking(true)}
          >
            Make a rule
          </Button>
        }
      />
      <ViewTabs label="Parts of Alerts" tabs={TABS} current={tab} />
      {tab === 'inbox' ? <Inbox /> : null}
      {tab === 'rules' ? <RulesView /> : null}
      {tab === 'channels' ? <ChannelsView /> : null}
      {making || query.make ? (
        <RuleDialog
          start={query.endpoint ? { endpoint: query.endpoint } : {}}
          onClose={close}
          onSaved={() => {
            if (tab !== 'rules') navigate('/alerts?tab=rules');
          }}
        />
      ) : null}
    </Page>
  );
}
