/** One alert, opened on its evidence: what crossed which limit when, what moved with it, and the way back. */
import { BellOff, Check, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { type Alert, type AlertEvidence, titleWithin } from '../../../src-main/contract/alerts.ts';
import { formatDateTime, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo } from '../../lib/router.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { windowText } from '../../lib/series-words.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TextArea } from '../../ui/TextField.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { SnoozeMenu, useAcknowledge } from './alert-actions.tsx';
import { AlertStanding, SEVERITY, SeverityIcon } from './alert-look.tsx';
import { ChangesPanel } from './changes-panel.tsx';
import { CrossingPanel } from './crossing-panel.tsx';
import { MovedPanel } from './moved-panel.tsx';
import { PartsPanels } from './parts-panels.tsx';
import { RollbackDialog } from './rollback-dialog.tsx';
import { RuleDialog } from './rule-dialog.tsx';

type Shown = Awaited<ReturnType<Rpc['alerts']['get']>>;

export function AlertPage({ id }: { id: string }) {
  const query = useData(['alerts', 'get', id], (rpc, signal) => rpc.alerts.get({ id }, { signal }));
  return (
    <Page>
      <QueryState query={query} what="The alert">
        {(data) => <Opened {...data} />}
      </QueryState>
    </Page>
  );
}

function Opened({ alert, rule, evidence, history }: Shown) {
  const [asking, setAsking] = useState<'acknowledge' | 'rollback' | 'rule' | null>(null);
  const close = () => setAsking(null);
  const { tone, word } = SEVERITY[alert.severity];
  const firing = alert.state === 'firing';
  return (
    <>
      <PageHeader
        title={titleWithin(alert)}
        trail={[
          { label: 'Alerts', to: '/alerts' },
          { label: alert.endpoint, to: `/alerts?endpoint=${encodeURIComponent(alert.endpoint)}` },
        ]}
        badge={
          <span className="flex shrink-0 items-center gap-1.5">
            <Badge tone={firing ? tone : 'neutral'}>{word}</Badge>
            <AlertStanding alert={alert} />
          </span>
        }
        actions={
          <>
            {firing && !alert.acknowledged ? (
              <Button icon={Check} onClick={() => setAsking('acknowledge')}>
                Acknowledge
              </Button>
            ) : null}
            {firing ? <SnoozeMenu alert={alert} trigger={<Button icon={BellOff}>Snooze</Button>} /> : null}
            {evidence.rollback ? (
              <Button
                icon={Undo2}
                variant={firing ? 'primary' : 'secondary'}
                onClick={() => setAsking('rollback')}
              >
                Roll back
              </Button>
            ) : null}
          </>
        }
      />
      <div className="flex flex-col gap-3">
        <Summary alert={alert} rollback={evidence.rollback} />
        <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_348px]">
          <div className="flex min-w-0 flex-col gap-3">
            <CrossingPanel alert={alert} rule={rule} evidence={evidence} />
            <MovedPanel alert={alert} features={evidence.features} />
            <PartsPanels alert={alert} rule={rule} evidence={evidence} />
          </div>
          <div className="flex min-w-0 flex-col gap-3">
            <ChangesPanel endpoint={alert.endpoint} changes={evidence.changes} />
            <Panel
              title="Rule"
              actions={
                rule ? (
                  <Button size="sm" variant="ghost" onClick={() => setAsking('rule')}>
                    Edit
                  </Button>
                ) : null
              }
            >
              {rule ? (
                <div className="flex flex-col gap-1">
                  <p className="font-medium">{rule.name}</p>
                  <p className="text-ink-2">{rule.says}</p>
                  {rule.enabled ? null : <p className="text-xs text-ink-3">It is switched off.</p>}
                </div>
              ) : (
                <p className="text-ink-3">The rule that found this was removed.</p>
              )}
            </Panel>
            <HistoryPanel history={history} />
          </div>
        </div>
      </div>
      {asking === 'acknowledge' ? <AcknowledgeDialog alert={alert} onClose={close} /> : null}
      {asking === 'rollback' && evidence.rollback ? (
        <RollbackDialog alert={alert} rollback={evidence.rollback} onClose={close} />
      ) : null}
      {asking === 'rule' && rule ? <RuleDialog rule={rule} onClose={close} /> : null}
    </>
  );
}

/** The sentences with the figures, and whether another alert says why. */
function Summary({ alert, rollback }: { alert: Alert; rollback: AlertEvidence['rollback'] }) {
  const all = useData(['alerts', 'list', 'all'], (rpc, signal) =>
    rpc.alerts.list({ state: 'all', limit: 500 }, { signal }),
  );
  const { explainedBy } = alert;
  // It may be older than those that are listed.
  const cause = useData(
    ['alerts', 'get', explainedBy],
    (rpc, signal) => rpc.alerts.get({ id: explainedBy ?? '' }, { signal }),
    { enabled: explainedBy !== null },
  ).data?.alert;
  const effects = all.data?.alerts.filter(({ explainedBy }) => explainedBy === alert.id) ?? [];
  const over = alert.state === 'resolved';
  return (
    <Callout
      tone={
        over ? 'info' : alert.severity === 'critical' ? 'bad' : alert.severity === 'warning' ? 'warn' : 'info'
      }
      title={alert.text}
    >
      <div className="flex flex-col gap-0.5">
        <p>
          {alert.was ? (
            <>
              It held from {windowText(alert.windowMs, alert.per)} to {windowText(alert.overMs, alert.per)},
              UTC, and was found on {formatDateTime(alert.openedMs)}, when it was over.
            </>
          ) : over && alert.resolvedMs !== null ? (
            <>
              It fired on {formatDateTime(alert.openedMs)} and was over on {formatDateTime(alert.resolvedMs)}.
            </>
          ) : (
            <>
              Firing since <TimeAgo ms={alert.openedMs} />.
            </>
          )}{' '}
          {rollback ? rollback.says : null}
        </p>
        {cause ? (
          <p>
            Explained by <Link to={pathTo('alerts', cause.id)}>{titleWithin(cause)}</Link>: look there first.
          </p>
        ) : null}
        {effects.length > 0 ? (
          <details>
            <summary className="cursor-pointer text-accent">
              Explains {plural(effects.length, 'other alert')}
            </summary>
            <ul className="mt-1 flex flex-col gap-1">
              {effects.map((one) => (
                <li key={one.id} className="flex items-center gap-2">
                  <SeverityIcon alert={one} size={13} />
                  <Link to={pathTo('alerts', one.id)} className="truncate">
                    {titleWithin(one)}
                  </Link>
                </li>
              ))}
            </ul>
          </details>
        ) : null}
        {alert.acknowledged?.note ? <p>Note: {alert.acknowledged.note}</p> : null}
      </div>
    </Callout>
  );
}

function HistoryPanel({ history }: { history: Shown['history'] }) {
  return (
    <Panel title="History">
      {history.length === 0 ? (
        <p className="text-ink-3">Nothing happened to it yet.</p>
      ) : (
        <KeyValue
          items={history.map(({ atMs, what, note }) => ({
            label: formatDateTime(atMs),
            value: (
              <>
                {what.charAt(0).toUpperCase() + what.slice(1)}
                {note ? <span className="block text-ink-2">{note}</span> : null}
              </>
            ),
          }))}
        />
      )}
    </Panel>
  );
}

function AcknowledgeDialog({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const [note, setNote] = useState('');
  const acknowledge = useAcknowledge(onClose);
  return (
    <Dialog
      open
      onClose={onClose}
      width="sm"
      title="Acknowledge this alert?"
      description="It leaves the count of new alerts and stays open until its condition is away."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={acknowledge.isPending}
            onClick={() => acknowledge.mutate({ alert, note: note.trim() })}
          >
            Acknowledge
          </Button>
        </>
      }
    >
      <TextArea
        label="Note (optional)"
        value={note}
        onChange={setNote}
        rows={3}
        maxLength={1000}
        placeholder="What is done about it, and by whom"
      />
    </Dialog>
  );
}
