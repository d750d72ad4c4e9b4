import { Pause, Play, SkipBack } from 'lucide-react';
import { REPLAY_SPEEDS, type ReplayStatus } from '../../../src-main/contract/replay.ts';
import { formatCount, formatDate, formatDateTime, formatFixed } from '../../lib/format.ts';
import { useAction, useData } from '../../lib/query.ts';
import { speedLabel } from '../../lib/replay-speed.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import type { Tone } from '../../ui/tone.ts';

const STATES: Record<ReplayStatus['state'], { tone: Tone; word: string }> = {
  empty: { tone: 'neutral', word: 'No data' },
  idle: { tone: 'neutral', word: 'Ready' },
  running: { tone: 'accent', word: 'Playing' },
  paused: { tone: 'warn', word: 'Paused' },
  finished: { tone: 'ok', word: 'Finished' },
  failed: { tone: 'bad', word: 'Failed' },
};

/** Past weeks played as traffic: what stands in for users in the sample. */
export function ReplayPanel() {
  const query = useData(['replay', 'status'], (rpc, signal) => rpc.replay.status(undefined, { signal }));
  const state = query.data?.state;
  return (
    <Panel title="Replay" actions={state && <Badge tone={STATES[state].tone}>{STATES[state].word}</Badge>}>
      <QueryState query={query} what="The replay">
        {(status) => (status.state === 'empty' ? <Empty /> : <Controls status={status} />)}
      </QueryState>
    </Panel>
  );
}

function Empty() {
  return (
    <p className="text-ink-2">
      Plays a Parquet file through an endpoint as if its rows happened now. Choose a file in an endpoint’s
      view.
    </p>
  );
}

function Controls({ status }: { status: ReplayStatus }) {
  const topics = { topics: ['replay' as const] };
  const toggle = useAction((rpc, play: boolean) => (play ? rpc.replay.start() : rpc.replay.pause()), topics);
  const rewind = useAction((rpc) => rpc.replay.rewind(), topics);
  const setSpeed = useAction((rpc, speed: number) => rpc.replay.setSpeed({ speed }), topics);
  const running = status.state === 'running';
  return (
    <div className="grid gap-3">
      <p className="text-xs text-ink-3">
        Past flights are sent to <span className="text-ink-2">{status.endpoint ?? 'the endpoint'}</span> as if
        they happened now; what truly happened follows later, as labels do.
      </p>
      <Timeline status={status} />
      <div className="flex items-center gap-2">
        <Button
          variant={running ? 'secondary' : 'primary'}
          icon={running ? Pause : Play}
          busy={toggle.isPending}
          disabled={status.state === 'finished'}
          onClick={() => toggle.mutate(!running)}
        >
          {running ? 'Pause' : status.state === 'paused' ? 'Resume' : 'Start'}
        </Button>
        <IconButton
          icon={SkipBack}
          label="Rewind to the beginning"
          disabled={rewind.isPending}
          onClick={() => rewind.mutate()}
        />
        <div className="ml-auto w-40">
          <Select
            label="Speed"
            hideLabel
            options={speedOptions(status.speed)}
            value={String(status.speed)}
            onChange={(value) => setSpeed.mutate(Number(value))}
          />
        </div>
      </div>
      {status.error && (
        <Callout tone="bad" title={status.error.cause}>
          {status.error.remedy}
        </Callout>
      )}
      <KeyValue
        items={[
          {
            label: 'Sent',
            value: <Figure value={`${formatCount(status.sent)} of ${formatCount(status.total)}`} />,
          },
          { label: 'Rate', value: <Figure value={`${formatFixed(status.requestsPerSecond, 1)} req/s`} /> },
          { label: 'Labels', value: <Figure value={formatCount(status.labels)} /> },
          ...(status.failed > 0
            ? [{ label: 'Failed', value: <Figure value={formatCount(status.failed)} /> }]
            : []),
        ]}
      />
    </div>
  );
}

function Timeline({ status }: { status: ReplayStatus }) {
  const { fromMs, nowMs, toMs } = status;
  const known = fromMs !== null && nowMs !== null && toMs !== null && toMs > fromMs;
  return (
    <div className="grid gap-1">
      <p className="num text-lg font-semibold tracking-tight">{formatDateTime(nowMs ?? fromMs, true)}</p>
      <Progress label="Part of the data played" value={known ? (nowMs - fromMs) / (toMs - fromMs) : 0} />
      <p className="num flex justify-between text-xs text-ink-3">
        <span>{formatDate(fromMs, true)}</span>
        <span>{formatDate(toMs, true)}</span>
      </p>
    </div>
  );
}

const Figure = ({ value }: { value: string }) => <span className="num">{value}</span>;

/** Speeds as people say them: how much simulated time passes in one second. */
function speedOptions(present: number): { value: string; label: string }[] {
  const all = REPLAY_SPEEDS.some((speed) => speed === present) ? REPLAY_SPEEDS : [...REPLAY_SPEEDS, present];
  return [...all].sort((a, b) => a - b).map((speed) => ({ value: String(speed), label: speedLabel(speed) }));
}
