import { Pause, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Service } from '../../src-main/contract/workspace.ts';
import { useAlertCounts } from '../lib/alert-counts.ts';
import { formatDate, formatPercent, plural } from '../lib/format.ts';
import { useAction, useData } from '../lib/query.ts';
import { useConnection } from '../lib/rpc.ts';
import { StatusDot } from '../ui/Badge.tsx';
import { IconButton } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CodeBlock.tsx';
import { Link } from '../ui/Link.tsx';
import { Spinner } from '../ui/Spinner.tsx';
import type { Tone } from '../ui/tone.ts';

/** What runs in the background, always in sight. */
export function StatusBar() {
  const { state } = useConnection();
  return (
    <footer className="col-span-2 flex h-7 items-center gap-4 overflow-hidden border-t border-line bg-canvas px-3 text-xs whitespace-nowrap text-ink-2">
      <Connection />
      {/* What was running before the engine went away is not known to run now. */}
      {state === 'online' && (
        <>
          <Services />
          <Replay />
          <Alerts />
          <span className="flex-1" />
          <Running />
          <Inference />
        </>
      )}
    </footer>
  );
}

const CONNECTION = {
  connecting: { tone: 'warn', word: 'Connecting' },
  online: { tone: 'ok', word: 'Engine connected' },
  reconnecting: { tone: 'warn', word: 'Reconnecting' },
} as const satisfies Record<string, { tone: Tone; word: string }>;

function Connection() {
  const { state } = useConnection();
  const { tone, word } = CONNECTION[state];
  return (
    <StatusDot tone={tone} pulse={state !== 'online'}>
      {word}
    </StatusDot>
  );
}

function Services() {
  const { data } = useData(['services'], (rpc, signal) => rpc.workspace.services(undefined, { signal }));
  if (!data) return null;
  const { tone, word } = serviceSummary(data);
  return (
    <Link to="/" quiet>
      <StatusDot tone={tone}>{word}</StatusDot>
    </Link>
  );
}

function serviceSummary(services: readonly Service[]): { tone: Tone; word: string } {
  const failed = services.filter(({ state }) => state === 'failed');
  const moving = services.filter(({ state }) => state === 'starting' || state === 'restarting');
  const first = failed[0] ?? moving[0];
  if (first) return { tone: failed.length > 0 ? 'bad' : 'warn', word: `${first.title} ${first.state}` };
  return { tone: 'ok', word: `${plural(services.length, 'service')} running` };
}

function Replay() {
  const { data } = useData(['replay', 'status'], (rpc, signal) => rpc.replay.status(undefined, { signal }));
  const toggle = useAction((rpc, running: boolean) => (running ? rpc.replay.pause() : rpc.replay.start()), {
    topics: ['replay'],
  });
  if (!data || data.state === 'empty') return null;
  const running = data.state === 'running';
  const words: Record<typeof data.state, string> = {
    idle: 'Replay ready',
    running: `Replay at ${formatDate(data.nowMs, true)}`,
    paused: `Replay paused at ${formatDate(data.nowMs, true)}`,
    finished: 'Replay finished',
    failed: 'Replay failed',
  };
  return (
    <span className="flex items-center gap-1">
      <Link to="/" quiet>
        <StatusDot tone={data.state === 'failed' ? 'bad' : running ? 'accent' : 'neutral'} pulse={running}>
          <span className="num">{words[data.state]}</span>
        </StatusDot>
      </Link>
      {data.state !== 'finished' && (
        <IconButton
          icon={running ? Pause : Play}
          label={running ? 'Pause the replay' : 'Start the replay'}
          keys="Mod+Shift+R"
          size="sm"
          disabled={toggle.isPending}
          onClick={() => toggle.mutate(running)}
        />
      )}
    </span>
  );
}

/** Open alerts that nobody has looked at. */
function Alerts() {
  const { unacknowledged } = useAlertCounts();
  if (unacknowledged === 0) return null;
  return (
    <Link to="/alerts" quiet>
      <StatusDot tone="warn">
        <span className="num">{plural(unacknowledged, 'new alert')}</span>
      </StatusDot>
    </Link>
  );
}

function Running() {
  const { data } = useData(['activity', 'running'], (rpc, signal) =>
    rpc.activity.list({ limit: 50 }, { signal }),
  );
  // The replay has its own place in this bar.
  const running = data?.filter(({ state, kind }) => state === 'running' && kind !== 'replay') ?? [];
  const first = running[0];
  if (!first) return null;
  return (
    <Link to="/activity" quiet>
      <Row>
        <Spinner size={11} />
        <span className="num truncate">
          {first.title}
          {first.progress !== null && ` ${formatPercent(first.progress, 0)}`}
          {running.length > 1 && ` and ${running.length - 1} more`}
        </span>
      </Row>
    </Link>
  );
}

function Inference() {
  const { hello } = useConnection();
  const url = hello?.urls.inferenceHttp;
  const live = useData(['services', 'hello'], (rpc, signal) => rpc.workspace.hello(undefined, { signal }));
  const shown = live.data?.urls.inferenceHttp ?? url;
  if (!shown) return <span className="text-ink-3">Inference not listening</span>;
  return (
    <span className="flex items-center gap-1">
      <span className="text-ink-3">Inference</span>
      <code>{shown}</code>
      <CopyButton text={shown} label="Copy the inference URL" />
    </span>
  );
}

const Row = ({ children }: { children: ReactNode }) => (
  <span className="flex max-w-72 items-center gap-1.5">{children}</span>
);
