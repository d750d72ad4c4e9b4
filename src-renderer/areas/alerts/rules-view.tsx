/** The rules: what each says, how it stands, and its switch. */
import { Copy, Ellipsis, Pencil, Plus, ScrollText, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type AlertRule, AlertRuleInput } from '../../../src-main/contract/alerts.ts';
import { plural } from '../../lib/format.ts';
import { useAction, useData } from '../../lib/query.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { Badge, StatusDot } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RemoveDialog } from '../../ui/RemoveDialog.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { RULE_STATE, SEVERITY } from './alert-look.tsx';
import { RuleDialog } from './rule-dialog.tsx';

type Asking = { what: 'edit' | 'copy' | 'remove'; rule: AlertRule };

export function RulesView() {
  const rules = useData(['alerts', 'rules'], (rpc, signal) => rpc.alerts.rules({}, { signal }));
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <QueryState query={rules} what="The rules">
        {(all) => <Groups rules={all} onAsk={setAsking} />}
      </QueryState>
      {asking?.what === 'edit' ? <RuleDialog rule={asking.rule} onClose={close} /> : null}
      {asking?.what === 'copy' ? <RuleDialog rule={asking.rule} copy onClose={close} /> : null}
      {asking?.what === 'remove' ? <RemoveRule rule={asking.rule} onClose={close} /> : null}
    </>
  );
}

function Groups({ rules, onAsk }: { rules: readonly AlertRule[]; onAsk: (asking: Asking) => void }) {
  const { query } = useLocation();
  const shown = query.endpoint ? rules.filter(({ endpoint }) => endpoint === query.endpoint) : rules;
  const groups = Map.groupBy(shown, ({ endpoint }) => endpoint);
  if (shown.length === 0)
    return (
      <Panel>
        <EmptyState
          icon={ScrollText}
          title="No rules yet"
          action={
            <Button icon={Plus} variant="primary" onClick={() => setQuery({ make: '1' })}>
              Make a rule
            </Button>
          }
        >
          A rule watches one series: a drift score, the share of missing values, accuracy, a business metric.
          An endpoint gets a few of them by itself when its model has a reference.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="flex flex-col gap-3">
      {[...groups].map(([endpoint, of]) => (
        <Panel
          key={endpoint}
          title={endpoint}
          padded={false}
          hint={`${plural(of.length, 'rule')}, ${of.filter(({ enabled }) => enabled).length} on`}
        >
          <ul aria-label={`Rules of ${endpoint}`}>
            {of.map((rule) => (
              <RuleRow key={rule.id} rule={rule} onAsk={onAsk} />
            ))}
          </ul>
        </Panel>
      ))}
    </div>
  );
}

function RuleRow({ rule, onAsk }: { rule: AlertRule; onAsk: (asking: Asking) => void }) {
  const update = useAction(
    (rpc, { revision, enabled }: { revision: number; enabled: boolean }) =>
      rpc.alerts.updateRule({ id: rule.id, revision, rule: { ...AlertRuleInput.parse(rule), enabled } }),
    { topics: ['alerts'] },
  );
  const toggle = (enabled: boolean) =>
    update.mutate(
      { revision: rule.revision, enabled },
      {
        onSuccess: (saved) =>
          toast.undo(`${rule.name} is ${enabled ? 'on' : 'off'}`, () =>
            update.mutate({ revision: saved.revision, enabled: !enabled }),
          ),
      },
    );
  const state = RULE_STATE[rule.state];
  const severity = SEVERITY[rule.severity];
  const Icon = severity.icon;
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto_auto] items-center gap-x-3 border-b border-line px-3 py-2 last:border-b-0 hover:bg-hover">
      <Switch
        label={`${rule.name}: on or off`}
        hideLabel
        checked={update.isPending ? (update.variables?.enabled ?? rule.enabled) : rule.enabled}
        onChange={toggle}
      />
      <div className={cx('min-w-0', !rule.enabled && 'opacity-70')}>
        <p className="flex min-w-0 items-center gap-2">
          <button
            type="button"
            onClick={() => onAsk({ what: 'edit', rule })}
            className="min-w-0 truncate rounded-xs text-left font-medium hover:underline"
          >
            {rule.name}
          </button>
          {rule.preset ? (
            <span title="Made with the endpoint’s first reference">
              <Badge>preset</Badge>
            </span>
          ) : null}
        </p>
        <p className="truncate text-xs text-ink-2" title={rule.says}>
          {rule.says}
        </p>
        {rule.problem ? <p className="text-xs break-words text-warn">{rule.problem}</p> : null}
      </div>
      <div className="flex items-center gap-4 text-xs whitespace-nowrap">
        <span className="flex items-center gap-1.5 w-32 text-ink-2 max-lg:hidden">
          <Icon size={13} aria-hidden="true" />
          {severity.word}
        </span>
        <span className="flex w-20">
          <StatusDot tone={state.tone}>
            <span className="text-ink-2">{state.word}</span>
          </StatusDot>
        </span>
      </div>
      <Menu
        trigger={<IconButton icon={Ellipsis} size="sm" label={`Actions on ${rule.name}`} />}
        items={[
          { id: 'edit', label: 'Edit', icon: Pencil, run: () => onAsk({ what: 'edit', rule }) },
          { id: 'copy', label: 'Make one like it', icon: Copy, run: () => onAsk({ what: 'copy', rule }) },
          'separator',
          {
            id: 'remove',
            label: 'Remove',
            icon: Trash2,
            danger: true,
            run: () => onAsk({ what: 'remove', rule }),
          },
        ]}
      />
    </li>
  );
}

const RemoveRule = ({ rule, onClose }: { rule: AlertRule; onClose: () => void }) => (
  <RemoveDialog
    what={`the rule ${rule.name}`}
    name={rule.name}
    remove={(rpc) => rpc.alerts.removeRule({ id: rule.id })}
    topics={['alerts']}
    onClose={onClose}
  >
    Alerts that it made stay, with their evidence. A rule that is only switched off can come back.
  </RemoveDialog>
);
