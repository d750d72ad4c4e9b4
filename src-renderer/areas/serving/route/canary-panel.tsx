/** Where the ramp is, what it is judged by, and what one may do with it. */
import { Pause, Play, SkipForward, Undo2 } from 'lucide-react';
import type { Endpoint } from '../../../../src-main/contract/serving.ts';
import type {
  CanaryAction,
  CanaryFigures,
  CanaryPlan,
  CanaryState,
  Verdict,
} from '../../../../src-main/contract/serving-route.ts';
import { formatCount, formatDuration, formatPercent, NONE } from '../../../lib/format.ts';
import { queryClient, useAction } from '../../../lib/query.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { TimeAgo } from '../../../ui/TimeAgo.tsx';
import type { Tone } from '../../../ui/tone.ts';
import { Stairs } from './stairs.tsx';

const STATUS: Record<CanaryState['status'], { tone: Tone; word: string }> = {
  planned: { tone: 'neutral', word: 'not started' },
  running: { tone: 'info', word: 'running' },
  waiting: { tone: 'warn', word: 'waiting for traffic' },
  paused: { tone: 'warn', word: 'paused' },
  held: { tone: 'info', word: 'at its last step' },
  promoted: { tone: 'ok', word: 'promoted' },
  'rolled-back': { tone: 'bad', word: 'rolled back' },
};
const VERDICT: Record<Verdict['state'], { tone: Tone; word: string }> = {
  quiet: { tone: 'ok', word: 'holds' },
  warning: { tone: 'warn', word: 'warning' },
  broken: { tone: 'bad', word: 'broken' },
  unknown: { tone: 'neutral', word: 'too little to say' },
};

export function CanaryPanel({ endpoint }: { endpoint: Endpoint }) {
  const { name, revision, mode, canary } = endpoint;
  const act = useAction(
    (rpc, action: CanaryAction) => rpc.serving.canary({ name, revision, action, reason: '' }),
    {
      topics: ['serving', 'overview', 'abTests'],
      onDone: (now) => queryClient.setQueryData(['serving', 'get', name], now),
    },
  );
  if (mode.kind !== 'canary' || !canary) return null;
  const { status, step, sinceMs, text, figures } = canary;
  return (
    <Panel title="Canary" actions={<Badge tone={STATUS[status].tone}>{STATUS[status].word}</Badge>}>
      <div className="flex flex-col gap-3">
        <p role="status">
          {text}{' '}
          <span className="text-ink-3">
            It came to this <TimeAgo ms={sinceMs} />.
          </span>
        </p>
        <Stairs plan={mode} at={stepOf(mode, status, step)} />
        <Actions
          status={status}
          last={step + 1 >= mode.steps.length}
          busy={act.isPending}
          onAct={(action) => act.mutate(action)}
        />
        {figures ? (
          <CanaryFiguresTable figures={figures} />
        ) : (
          <p className="text-xs text-ink-3">
            It is judged every {formatDuration(mode.windowSeconds * 1000)}; the figures show after the first
            window.
          </p>
        )}
      </div>
    </Panel>
  );
}

function stepOf({ steps }: CanaryPlan, status: CanaryState['status'], step: number): number | null {
  if (status === 'planned' || status === 'rolled-back') return null;
  return status === 'promoted' ? steps.length : step;
}

type ActionsProps = {
  status: CanaryState['status'];
  last: boolean;
  busy: boolean;
  onAct: (action: CanaryAction) => void;
};

function Actions({ status, last, busy, onAct }: ActionsProps) {
  const under = status === 'running' || status === 'waiting';
  const movable = under || status === 'paused' || status === 'held';
  return (
    <div className="flex flex-wrap gap-2">
      {status === 'planned' || status === 'rolled-back' ? (
        <Button variant="primary" icon={Play} disabled={busy} onClick={() => onAct('start')}>
          {status === 'planned' ? 'Start' : 'Start again'}
        </Button>
      ) : null}
      {under ? (
        <Button icon={Pause} disabled={busy} onClick={() => onAct('pause')}>
          Pause
        </Button>
      ) : null}
      {status === 'paused' ? (
        <Button icon={Play} disabled={busy} onClick={() => onAct('resume')}>
          Resume
        </Button>
      ) : null}
      {movable ? (
        <Button icon={SkipForward} disabled={busy} onClick={() => onAct('advance')}>
          {last ? 'Promote now' : 'Next step now'}
        </Button>
      ) : null}
      {movable || status === 'promoted' ? (
        <Button variant="danger" icon={Undo2} disabled={busy} onClick={() => onAct('rollback')}>
          Roll back
        </Button>
      ) : null}
    </div>
  );
}

/** What a decision stands on. */
export function CanaryFiguresTable({ figures }: { figures: CanaryFigures }) {
  const rows: [string, (arm: CanaryFigures['champion']) => string][] = [
    ['Requests', ({ requests }) => formatCount(requests)],
    ['Failed', ({ errors }) => formatCount(errors)],
    ['Failure rate', ({ requests, errors }) => (requests > 0 ? formatPercent(errors / requests, 2) : NONE)],
    ['p99 per row', ({ p99RowMs }) => formatDuration(p99RowMs)],
  ];
  return (
    <div className="flex flex-col gap-2">
      <table className="num w-full text-xs" aria-label="Champion and candidate">
        <thead>
          <tr className="text-ink-3">
            <th scope="col" className="py-1 text-left font-normal">
              since the step began
            </th>
            {[figures.champion, figures.candidate].map(({ key, version }) => (
              <th key={key} scope="col" className="py-1 pl-2 text-right font-medium text-ink-2">
                {key} v{version}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, read]) => (
            <tr key={label} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal text-ink-2">
                {label}
              </th>
              <td className="py-1 pl-2 text-right">{read(figures.champion)}</td>
              <td className="py-1 pl-2 text-right">{read(figures.candidate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="flex flex-col gap-1.5">
        {figures.verdicts.map(({ guardrail, state, text }) => (
          <li key={guardrail} className="flex items-start gap-2 text-xs">
            <Badge tone={VERDICT[state].tone}>{VERDICT[state].word}</Badge>
            <span className="min-w-0 text-ink-2">
              <span className="font-medium">{guardrail === 'error-rate' ? 'Failures' : 'Speed'}</span>: {text}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
