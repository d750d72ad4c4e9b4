/**
 * The sample's business metric: minutes late per flight. It is derived from the same flights that are played, not from
 * another system; its name says so. As the replay goes on, the value of a day arrives some hours after its end, in the
 * replay's own time. Values repeat exactly, so that sending them again changes nothing.
 */
import { jobUrl } from '../../analysis/index.ts';
import type { AreaContext } from '../../context.ts';
import type { BusinessMetricsService } from '../business-metrics/index.ts';
import type { ReplayService } from '../replay/index.ts';
import { MINUTES_LATE, readPlayed, SAMPLE_NAME } from './sample.rules.ts';
import type { DaysInput, FlightDay } from './sample-jobs.ts';

export type MinutesLateDeps = {
  businessMetrics: Pick<BusinessMetricsService, 'list' | 'pushReplayed'>;
  replay: Pick<ReplayService, 'status'>;
};

const DAY_MS = 86_400_000;
/** Such figures are put together the morning after. */
const LAG_MS = 6 * 3_600_000;
const LOOK_EVERY_MS = 1_000;

/** Listens to the replay; nothing is read before it plays the sample's flights. */
export function startMinutesLate(context: AreaContext, deps: MinutesLateDeps) {
  const { analysis, clock, events, log, paths } = context;
  let played: ReturnType<typeof read> | null = null;
  let sentToMs = Number.NEGATIVE_INFINITY;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let working: Promise<void> | null = null;
  let closed = false;

  async function read(): Promise<{ source: string; days: FlightDay[] }> {
    const { source, file, fromMs, toMs } = await readPlayed(paths.resources);
    const input: DaysInput = { file, fromMs, toMs };
    const jobs = jobUrl(import.meta.url, 'sample-jobs', paths.bundles);
    return { source, days: (await analysis.run<FlightDay[]>(jobs, input)).result };
  }

  async function send(playing: string, nowMs: number): Promise<void> {
    const known = await deps.businessMetrics.list(SAMPLE_NAME);
    // Whoever removed it does not want it.
    if (!known.some(({ name }) => name === MINUTES_LATE.name)) return;
    played ??= read();
    const { source, days } = await played;
    if (source !== playing) return;
    const due = days.filter((day) => arrivalOf(day) > sentToMs && arrivalOf(day) <= nowMs);
    if (due.length === 0) return;
    await deps.businessMetrics.pushReplayed(
      SAMPLE_NAME,
      due.map((day) => ({
        ...{ name: MINUTES_LATE.name, atMs: day.dayMs, value: day.minutesLate },
        receivedMs: arrivalOf(day),
      })),
    );
    sentToMs = nowMs;
  }

  function look(): void {
    if (closed || working || clock.monotonic() - lookedMs < LOOK_EVERY_MS) return;
    lookedMs = clock.monotonic();
    const { endpoint, source, nowMs } = deps.replay.status();
    if (endpoint !== SAMPLE_NAME || source === null || nowMs === null) return;
    // Played from the beginning again, it comes again.
    if (nowMs < sentToMs) sentToMs = Number.NEGATIVE_INFINITY;
    working = send(source, nowMs)
      .catch((thrown: unknown) => {
        played = null;
        if (!closed) log.warn({ err: thrown }, 'the sample’s business metric could not be sent yet');
      })
      .finally(() => {
        working = null;
      });
  }

  const unlisten = events.listen((event) => {
    if (event.type === 'changed' && event.topics.includes('replay')) look();
  });
  return {
    async close(): Promise<void> {
      closed = true;
      unlisten();
      await working;
    },
  };
}

const arrivalOf = ({ dayMs }: FlightDay): number => dayMs + DAY_MS + LAG_MS;
