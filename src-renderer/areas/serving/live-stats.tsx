/** The endpoint at a glance: the last ten seconds of all arms together, with the trend of two minutes. */
import type { LiveSample } from '../../../src-main/contract/serving.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatCompact, formatCount, formatDuration, formatNumber, NONE, plural } from '../../lib/format.ts';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import type { Tone } from '../../ui/tone.ts';
import { endpointNow, sumPoints } from './live-figures.ts';

export function LiveStats({ samples }: { samples: readonly LiveSample[] }) {
  const now = endpointNow(samples);
  const rate = sumPoints(samples, ({ requests }) => requests).map(({ y }) => y);
  const waiting = samples.map(({ queued }) => queued);
  const notAnswered = now.refused + now.failed;
  return (
    <section aria-label="Last 10 seconds">
      <StatRow>
        <Stat
          label="Requests"
          value={formatRate(now.requestsPerSecond)}
          unit="/s"
          delta={`${formatCompact(Math.round(now.rowsPerSecond))} rows/s`}
          chart={<Sparkline label="Requests per second" values={rate} unit="count" width={64} atLeast={1} />}
        />
        <Stat
          label="Latency p50"
          value={formatDuration(now.p50Ms)}
          delta={now.queueMs === null ? 'no request' : `${formatDuration(now.queueMs)} of it waiting`}
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
          chart={
            <Sparkline label="Rows waiting" values={waiting} unit="count" width={64} atLeast={1} color={8} />
          }
        />
        <Stat
          label="Not answered"
          value={formatRate(notAnswered / now.seconds)}
          unit="/s"
          delta={outcome(now.refused, now.failed, now.invalid)}
          tone={toneOf(now.refused, now.failed)}
        />
      </StatRow>
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
  return parts.length > 0 ? parts.join(', ') : 'none refused, none failed';
}
