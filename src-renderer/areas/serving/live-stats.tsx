/** The endpoint at a glance: the last ten seconds of all arms together. */
import type { LiveSample } from '../../../src-main/contract/serving.ts';
import { formatCompact, formatCount, formatDuration, formatNumber, NONE, plural } from '../../lib/format.ts';
import { Stat } from '../../ui/Stat.tsx';
import type { Tone } from '../../ui/tone.ts';
import { endpointNow } from './live-figures.ts';

export function LiveStats({ samples }: { samples: readonly LiveSample[] }) {
  const now = endpointNow(samples);
  const waiting = samples.map(({ queued }) => queued);
  const notAnswered = now.refused + now.failed;
  return (
    <section aria-label="Last 10 seconds">
      <div className="grid grid-cols-3 gap-px overflow-hidden rounded-md border border-line bg-line *:bg-surface xl:grid-cols-6">
        <Stat
          label="Requests"
          value={formatRate(now.requestsPerSecond)}
          unit="/s"
          delta={`${formatCompact(Math.round(now.rowsPerSecond))} rows/s`}
        />
        <Stat
          label="Latency p50"
          value={formatDuration(now.p50Ms)}
          delta={now.queueMs === null ? 'no request' : `mean wait ${formatDuration(now.queueMs)}`}
        />
        <Stat
          label="Latency p95"
          value={formatDuration(now.p95Ms)}
          delta={`p99 ${formatDuration(now.p99Ms)}`}
        />
        <Stat
          label="Batch size"
          value={now.meanBatch === null ? NONE : formatNumber(now.meanBatch, 3)}
          unit="rows"
          delta="mean"
        />
        <Stat
          label="Waiting"
          value={formatCount(now.queued)}
          unit="rows"
          delta={`up to ${formatCount(Math.max(0, ...waiting))} in 2 min`}
        />
        <Stat
          label="Not answered"
          value={formatRate(notAnswered / now.seconds)}
          unit="/s"
          delta={outcome(now.refused, now.failed, now.invalid)}
          tone={toneOf(now.refused, now.failed)}
        />
      </div>
    </section>
  );
}

const formatRate = (perSecond: number): string =>
  perSecond >= 100 ? formatCompact(Math.round(perSecond)) : formatNumber(perSecond, 2);

const toneOf = (refused: number, failed: number): Tone =>
  failed > 0 ? 'bad' : refused > 0 ? 'warn' : 'neutral';

function outcome(refused: number, failed: number, invalid: number): string {
  const parts = [
    refused > 0 ? `${formatCompact(refused)} refused` : null,
    failed > 0 ? `${formatCompact(failed)} failed` : null,
    invalid > 0 ? plural(invalid, 'bad request') : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : 'none';
}
