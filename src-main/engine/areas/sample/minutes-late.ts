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
  const { analysis, events, log, paths } = context;
  let played: ReturnType<typeof read> | null = null;
  let sentToMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | null = null;
  let again = false;
  let working: Promise<void> = Promise.resolve();
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

  async function look(): Promise<void> {
    const { endpoint, source, nowMs } = deps.replay.status();
    if (endpoint !== SAMPLE_NAME || source === null || nowMs === null) return;
    // Played from the beginning again, it comes again.
    if (nowMs < sentToMs) sentToMs = Number.NEGATIVE_INFINITY;
    await send(source, nowMs);
  }

  /** Within a second of a change, the last one too: a replay that is paused says nothing more. */
  function soon(): void {
    if (closed) return;
    timer ??= setTimeout(() => {
      working = look()
        .catch((thrown: unknown) => {
          played = null;
          if (!closed) log.warn({ err: thrown }, 'the sample’s business metric could not be sent yet');
        })
        .finally(() => {
          timer = null;
          if (again) soon();
          again = false;
        });
    }, LOOK_EVERY_MS).unref();
  }

  const unlisten = events.listen((event) => {
    if (event.type !== 'changed' || !event.topics.includes('replay')) return;
    again = timer !== null;
    soon();
  });
  return {
    async close(): Promise<void> {
      closed = true;
      unlisten();
      if (timer) clearTimeout(timer);
      await working;
    },
  };
}

const arrivalOf = ({ dayMs }: FlightDay): number => dayMs + DAY_MS + LAG_MS;
