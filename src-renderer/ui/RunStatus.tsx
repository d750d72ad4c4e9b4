import type { RunRow } from '../../src-main/contract/experiments.ts';
import { StatusDot } from './Badge.tsx';
import type { Tone } from './tone.ts';

const STATUS: Record<RunRow['status'], { tone: Tone; word: string }> = {
  RUNNING: { tone: 'info', word: 'running' },
  SCHEDULED: { tone: 'neutral', word: 'scheduled' },
  FINISHED: { tone: 'ok', word: 'finished' },
  FAILED: { tone: 'bad', word: 'failed' },
  KILLED: { tone: 'warn', word: 'killed' },
};

export function RunStatus({ status, hideLabel = false }: { status: string; hideLabel?: boolean }) {
  const { tone, word } = STATUS[status as RunRow['status']] ?? { tone: 'neutral', word: status };
  return (
    <StatusDot tone={tone} pulse={status === 'RUNNING'} hideLabel={hideLabel}>
      {word}
    </StatusDot>
  );
}
