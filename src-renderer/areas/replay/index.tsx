/** The replay's controls: shown wherever the endpoint it plays through is looked at. */
import { FileUp, Pause, Play, RotateCcw, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { REPLAY_SPEEDS, type ReplayStatus } from '../../../src-main/contract/replay.ts';
import { formatCount, formatDate, formatNumber, formatPercent } from '../../lib/format.ts';
import { invalidateTopics, useAction, useData } from '../../lib/query.ts';
import { speedLabel } from '../../lib/replay-speed.ts';
import { rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { StatusDot } from '../../ui/Badge.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Progress } from '../../ui/Progress.tsx';
import { Select } from '../../ui/Select.tsx';
import type { Tone } from '../../ui/tone.ts';

const STATE: Record<ReplayStatus['state'], { tone: Tone; word: string }> = {
  empty: { tone: 'neutral', word: 'No data to replay' },
  idle: { tone: 'neutral', word: 'Ready to replay' },
  running: { tone: 'ok', word: 'Replaying' },
  paused: { tone: 'neutral', word: 'Paused' },
  finished: { tone: 'neutral', word: 'Replay finished' },
  failed: { tone: 'bad', word: 'Replay failed' },
};

/** Renders nothing while another endpoint is being replayed; with `onlyWithData`, nor where there is nothing to replay. */
export function ReplayBar({ endpoint, onlyWithData }: { endpoint: string; onlyWithData?: boolean }) {
  const status = useData(['replay', 'status'], (client, signal) =>
    client.replay.status(undefined, { signal }),
  );
  if (!status.data || (status.data.endpoint !== null && status.data.endpoint !== endpoint)) return null;
  if (onlyWithData && status.data.state === 'empty') return null;
  return <Bar status={status.data} endpoint={endpoint} />;
}

function Bar({ status, endpoint }: { status: ReplayStatus; endpoint: string }) {
  const [rewinding, setRewinding] = useState(false);
  const topics = { topics: ['replay' as const, 'activity' as const] };
  const start = useAction((client) => client.replay.start(), topics);
  const pause = useAction((client) => client.replay.pause(), topics);
  const rewind = useAction((client) => client.replay.rewind(), topics);
  const setSpeed = useAction((client, speed: number) => client.replay.setSpeed({ speed }), topics);

  const running = status.state === 'running';
  const { tone, word } = STATE[status.state];
  const progress =
    status.fromMs === null || status.toMs === null || status.nowMs === null || status.toMs === status.fromMs
      ? null
      : (status.nowMs - status.fromMs) / (status.toMs - status.fromMs);
  const playable = status.state !== 'empty' && status.state !== 'finished';

  return (
    <section aria-label="Replay" className="mb-3 rounded-md border border-line bg-surface px-3 py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex items-center gap-1.5">
          {running ? (
            <Button icon={Pause} busy={pause.isPending} onClick={() => pause.mutate()}>
              Pause
            </Button>
          ) : (
            <Button icon={Play} busy={start.isPending} disabled={!playable} onClick={() => start.mutate()}>
              {status.state === 'paused' ? 'Resume' : 'Play'}
            </Button>
          )}
          <IconButton
            icon={RotateCcw}
            label="Back to the beginning of the data"
            disabled={status.state === 'empty'}
            onClick={() => setRewinding(true)}
          />
        </div>
        <div className="w-36">
          <Select
            label="Replay speed"
            hideLabel
            value={String(status.speed)}
            onChange={(speed) => setSpeed.mutate(Number(speed))}
            options={[...new Set([...REPLAY_SPEEDS, status.speed])]
              .sort((a, b) => a - b)
              .map((speed) => ({ value: String(speed), label: speedLabel(speed) }))}
          />
        </div>
        <StatusDot tone={tone} pulse={running}>
          {word}
        </StatusDot>
        {status.nowMs === null ? null : (
          <span className="num font-medium" title="Simulated date, UTC">
            {formatDate(status.nowMs, true)}
          </span>
        )}
        <div className="min-w-40 flex-1">
          <Progress label="Replayed so far" value={progress ?? 0} />
          <div className="num mt-1 flex justify-between gap-1.5 text-2xs whitespace-nowrap text-ink-3">
            <span>{formatDate(status.fromMs, true)}</span>
            <span>{progress === null ? '' : formatPercent(progress, 0)}</span>
            <span>{formatDate(status.toMs, true)}</span>
          </div>
        </div>
        <dl className="num flex gap-4 text-xs text-ink-3">
          <Figure name="rate" value={`${formatNumber(status.requestsPerSecond, 3)}/s`} />
          <Figure name="sent" value={`${formatCount(status.sent)} of ${formatCount(status.total)}`} />
          <Figure name="labels" value={formatCount(status.labels)} />
          {status.failed > 0 ? <Figure name="failed" value={formatCount(status.failed)} bad /> : null}
        </dl>
        <ChooseFile endpoint={endpoint} />
      </div>
      {status.error ? (
        <div className="mt-2">
          <FailureCallout report={status.error} />
        </div>
      ) : null}
      <ConfirmDialog
        open={rewinding}
        onClose={() => setRewinding(false)}
        title="Replay from the beginning?"
        confirm="Rewind"
        busy={rewind.isPending}
        onConfirm={() => rewind.mutate(undefined, { onSettled: () => setRewinding(false) })}
      >
        The simulated date goes back to {formatDate(status.fromMs, true)}. Predictions and labels that were
        logged stay.
      </ConfirmDialog>
    </section>
  );
}

function Figure({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div className="flex gap-1">
      <dt>{name}</dt>
      <dd className={bad ? 'text-bad' : 'text-ink'}>{value}</dd>
    </div>
  );
}

function ChooseFile({ endpoint }: { endpoint: string }) {
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const upload = useUpload(
    // biome-ignore lint/correctness/useHookAtTopLevel: a procedure of the contract, not a hook.
    (uploadId) => rpc.replay.useFile({ uploadId, endpoint }),
    () => {
      invalidateTopics(['replay']);
      toast.ok('The file is ready to replay');
    },
  );
  const { state } = upload;
  return (
    <>
      <label htmlFor={id} className="sr-only">
        Parquet file to replay
      </label>
      <input
        ref={input}
        id={id}
        type="file"
        accept=".parquet"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void upload.start(file);
        }}
      />
      {state.phase === 'sending' || state.phase === 'working' ? (
        <span className="flex w-44 items-center gap-1">
          <span className="flex-1">
            <Progress
              label={state.phase === 'sending' ? `Sending ${state.file.name}` : `Reading ${state.file.name}`}
              value={state.phase === 'sending' ? state.sent / Math.max(1, state.file.size) : null}
              showValue
            />
          </span>
          <IconButton icon={X} label="Cancel" size="sm" onClick={upload.cancel} />
        </span>
      ) : (
        <IconButton icon={FileUp} label="Other data" onClick={() => input.current?.click()} />
      )}
      {state.phase === 'failed' ? (
        <div className="basis-full">
          <FailureCallout
            report={state.error}
            actions={<IconButton icon={X} label="Dismiss" size="sm" onClick={upload.cancel} />}
          />
        </div>
      ) : null}
    </>
  );
}
