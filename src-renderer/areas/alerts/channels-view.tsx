/** Where alerts are told besides this window: webhooks that Slack understands, or plain JSON. */
import { Ellipsis, Pencil, Plus, Send, Trash2, Webhook } from 'lucide-react';
import { useState } from 'react';
import type { Channel } from '../../../src-main/contract/alerts.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction, useData } from '../../lib/query.ts';
import { useConnection } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RemoveDialog } from '../../ui/RemoveDialog.tsx';
import { Select } from '../../ui/Select.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { SEVERITIES } from './alert-look.tsx';

const KIND: Readonly<Record<Channel['kind'], string>> = { slack: 'Slack-compatible', json: 'JSON' };
const LEAST: Readonly<Record<Channel['minSeverity'], string>> = {
  info: 'all',
  warning: 'warnings and worse',
  critical: 'critical only',
};

type Asking = { what: 'edit' | 'remove'; channel: Channel } | { what: 'new' };

export function ChannelsView() {
  const channels = useData(['alerts', 'channels'], (rpc, signal) =>
    rpc.alerts.channels(undefined, { signal }),
  );
  const { hello } = useConnection();
  // Where nothing keeps secrets, an address would lie open; the engine refuses it too.
  const keyless = hello?.host.secrets === 'none';
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  return (
    <Panel
      title="Channels"
      hint="what fires is told there, beside this window and the desktop"
      padded={false}
      actions={
        <Button size="sm" icon={Plus} disabled={keyless} onClick={() => setAsking({ what: 'new' })}>
          Add a channel
        </Button>
      }
    >
      {keyless ? (
        <div className="p-3">
          <Callout tone="warn" title="This machine has no keychain, so an address could not be kept safely.">
            Set up a keychain (on Linux gnome-keyring or KWallet), or use <code>lathe serve</code>, which
            keeps a file that only you can read.
          </Callout>
        </div>
      ) : null}
      <QueryState query={channels} what="The channels">
        {(all) => <List channels={all} keyless={keyless} onAsk={setAsking} />}
      </QueryState>
      {asking?.what === 'new' ? <ChannelDialog channel={null} onClose={close} /> : null}
      {asking?.what === 'edit' ? <ChannelDialog channel={asking.channel} onClose={close} /> : null}
      {asking?.what === 'remove' ? <RemoveChannel channel={asking.channel} onClose={close} /> : null}
    </Panel>
  );
}

type ListProps = { channels: readonly Channel[]; keyless: boolean; onAsk: (asking: Asking) => void };

function List({ channels, keyless, onAsk }: ListProps) {
  const columns: Column<Channel>[] = [
    { id: 'on', header: 'On', width: '56px', cell: (channel) => <ChannelSwitch channel={channel} /> },
    {
      id: 'name',
      header: 'Name',
      cell: ({ name, kind }) => (
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          <Badge>{KIND[kind]}</Badge>
        </span>
      ),
    },
    { id: 'host', header: 'Host', cell: ({ host }) => <code className="text-ink-2">{host}</code> },
    { id: 'least', header: 'Told', cell: ({ minSeverity }) => LEAST[minSeverity] },
    { id: 'last', header: 'Last told', cell: ({ last }) => <Last last={last} /> },
    {
      id: 'actions',
      header: '',
      align: 'right',
      cell: (channel) => (
        <span className="flex justify-end gap-1">
          <TestButton channel={channel} />
          <Menu
            trigger={<IconButton icon={Ellipsis} size="sm" label={`Actions on ${channel.name}`} />}
            items={[
              { id: 'edit', label: 'Edit', icon: Pencil, run: () => onAsk({ what: 'edit', channel }) },
              'separator',
              {
                id: 'remove',
                label: 'Remove',
                icon: Trash2,
                danger: true,
                run: () => onAsk({ what: 'remove', channel }),
              },
            ]}
          />
        </span>
      ),
    },
  ];
  return (
    <div className="overflow-x-auto">
      <Table
        label="Channels"
        columns={columns}
        rows={channels}
        rowKey={({ id }) => id}
        empty={
          <EmptyState
            icon={Webhook}
            title="No channel yet"
            action={
              <Button icon={Plus} variant="primary" disabled={keyless} onClick={() => onAsk({ what: 'new' })}>
                Add a channel
              </Button>
            }
          >
            A channel is a webhook: one that Slack, Mattermost or Rocket.Chat understands, or one of your own
            that takes JSON. Only the alert’s words and figures are sent, and only to the address you give.
          </EmptyState>
        }
      />
    </div>
  );
}

function Last({ last }: { last: Channel['last'] }) {
  if (!last) return <span className="text-ink-3">never</span>;
  return (
    <span className="flex min-w-0 items-center gap-2" title={last.detail}>
      <Badge tone={last.ok ? 'ok' : 'bad'}>{last.ok ? 'taken' : 'failed'}</Badge>
      <span className="text-xs text-ink-3">
        <TimeAgo ms={last.atMs} />
      </span>
      {last.ok ? null : (
        <span className="truncate text-xs text-ink-2 max-[1180px]:sr-only">{last.detail}</span>
      )}
    </span>
  );
}

function ChannelSwitch({ channel }: { channel: Channel }) {
  const { id, kind, name, minSeverity } = channel;
  const save = useAction(
    (rpc, enabled: boolean) => rpc.alerts.saveChannel({ id, kind, name, minSeverity, enabled }),
    { topics: ['alerts'] },
  );
  const toggle = (enabled: boolean) =>
    save.mutate(enabled, {
      onSuccess: () => toast.undo(`${name} is ${enabled ? 'on' : 'off'}`, () => save.mutate(!enabled)),
    });
  return (
    <Switch
      label={`${name}: on or off`}
      hideLabel
      checked={save.isPending ? (save.variables ?? channel.enabled) : channel.enabled}
      onChange={toggle}
    />
  );
}

function TestButton({ channel }: { channel: Channel }) {
  const test = useAction((rpc) => rpc.alerts.testChannel({ id: channel.id }), {
    topics: ['alerts'],
    onDone: ({ ok, detail }) =>
      ok
        ? toast.ok(`${channel.name} took the test message`, detail)
        : toast.show('bad', `${channel.name} did not take the test message`, { detail }),
  });
  return (
    <Button size="sm" variant="ghost" icon={Send} busy={test.isPending} onClick={() => test.mutate()}>
      Test
    </Button>
  );
}

function ChannelDialog({ channel, onClose }: { channel: Channel | null; onClose: () => void }) {
  const [kind, setKind] = useState<Channel['kind']>(channel?.kind ?? 'slack');
  const [name, setName] = useState(channel?.name ?? '');
  const [url, setUrl] = useState('');
  const [minSeverity, setLeast] = useState<Channel['minSeverity']>(channel?.minSeverity ?? 'warning');
  const save = useAction(
    (rpc) =>
      rpc.alerts.saveChannel({
        ...(channel ? { id: channel.id } : {}),
        kind,
        name: name.trim(),
        minSeverity,
        enabled: channel?.enabled ?? true,
        ...(url.trim() === '' ? {} : { url: url.trim() }),
      }),
    {
      topics: ['alerts'],
      quiet: true,
      onDone: () => {
        toast.ok(
          channel ? `${name} is saved` : `${name} is added`,
          channel ? undefined : 'Send a test message to see that it arrives.',
        );
        onClose();
      },
    },
  );
  const failure = save.error ? reportOf(save.error) : null;
  const urlProblem =
    url.trim() !== '' && !/^https?:\/\/[^/\s]+/.test(url.trim())
      ? 'An address begins with http:// or https://.'
      : null;
  const ready = name.trim() !== '' && urlProblem === null && (channel !== null || url.trim() !== '');
  return (
    <Dialog
      open
      onClose={onClose}
      title={channel ? `Change the channel ${channel.name}` : 'Add a channel'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" disabled={!ready} busy={save.isPending} onClick={() => save.mutate()}>
            {channel ? 'Save channel' : 'Add channel'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="grid grid-cols-2 gap-3">
          <TextField label="Name" value={name} onChange={setName} maxLength={100} placeholder="ml-alerts" />
          <Select<Channel['kind']>
            label="Message"
            value={kind}
            onChange={setKind}
            options={[
              { value: 'slack', label: 'Slack-compatible' },
              { value: 'json', label: 'JSON with all figures' },
            ]}
          />
        </div>
        <TextField
          label="Webhook address"
          value={url}
          onChange={setUrl}
          mono
          type="url"
          autoComplete="off"
          placeholder={channel ? `stays as it is (${channel.host})` : 'https://hooks.slack.com/services/…'}
          help="Kept secret: it is written once and never shown again."
          error={urlProblem}
        />
        <Select<Channel['minSeverity']>
          label="Tell"
          value={minSeverity}
          onChange={setLeast}
          options={[...SEVERITIES].reverse().map(({ value }) => ({ value, label: LEAST[value] }))}
        />
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}

const RemoveChannel = ({ channel, onClose }: { channel: Channel; onClose: () => void }) => (
  <RemoveDialog
    what={`the channel ${channel.name}`}
    name={channel.name}
    remove={(rpc) => rpc.alerts.removeChannel({ id: channel.id })}
    topics={['alerts']}
    onClose={onClose}
  >
    Nothing is told there any more, and its address is forgotten.
  </RemoveDialog>
);
