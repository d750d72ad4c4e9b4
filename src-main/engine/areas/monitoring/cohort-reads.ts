/** Quality over time, as the screens, alerts and slices ask for it; long reads are made on the reader threads. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AreaContext } from '../../context.ts';
import type { CohortJobs } from './cohort-jobs.ts';
import { type Delays, isMature } from './delays.rules.ts';
import type { MonitoringStore } from './monitoring.store.ts';
import type { CohortRow } from './performance.rules.ts';

const DAY_MS = 86_400_000;
/** Delays are told from the newest windows: how labels came a year ago says little of today. */
const DELAY_DAYS = 90;
/** For so long the same delays are told again, of the clock. */
const FRESH_MS = 2_000;

export type CohortReads = ReturnType<typeof createCohortReads>;

/** Nine tenths of the labels that come are there after `p90Ms`; `nowMs` is the present on the clock of the events. */
export type Lateness = Delays & { nowMs: number };

export function createCohortReads(
  context: Pick<AreaContext, 'readers' | 'clock' | 'paths'>,
  store: MonitoringStore,
) {
  const jobs = jobsFile(context.paths.bundles);
  const ask = <Job extends keyof CohortJobs>(
    job: Job,
    input: Parameters<CohortJobs[Job]>[0],
  ): ReturnType<CohortJobs[Job]> => context.readers.job(jobs, { job, input }) as ReturnType<CohortJobs[Job]>;
  const known = new Map<string, { atMs: number; lateness: Promise<Lateness> }>();

  /**
   * The present on the clock of the events: what is replayed happens at another time than now. It goes on from the
   * newest event as the wall clock does from that event's arrival.
   */
  function nowOf(endpointId: number): number {
    const nowMs = context.clock.now();
    const newest = store.newestEvent(endpointId);
    return newest === null ? nowMs : newest.eventMs + Math.max(0, nowMs - newest.receivedMs);
  }

  async function read(endpointId: number, arm: string | null): Promise<Lateness> {
    const nowMs = nowOf(endpointId);
    const fromMs = nowMs - DELAY_DAYS * DAY_MS;
    return { ...(await ask('delays', { endpointId, arm, fromMs, nowMs })), nowMs };
  }

  function lateness(endpointId: number, arm: string | null = null): Promise<Lateness> {
    const key = `${endpointId} ${arm ?? ''}`;
    const found = known.get(key);
    const atMs = context.clock.monotonic();
    if (found && atMs - found.atMs < FRESH_MS && atMs >= found.atMs) return found.lateness;
    const entry = { atMs, lateness: read(endpointId, arm) };
    entry.lateness.catch(() => known.delete(key));
    known.set(key, entry);
    return entry.lateness;
  }

  return {
    ask,
    now: nowOf,
    lateness,
    /** By day, arm and version. */
    async cohorts(endpointId: number): Promise<CohortRow[]> {
      const { nowMs, p90Ms } = await lateness(endpointId);
      return store.cohorts(endpointId).map((row) => ({
        ...row,
        mature: isMature(row, { ageMs: nowMs - row.windowMs - DAY_MS, p90Ms }),
      }));
    },
  };
}

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const jobsFile = (bundles: string): string =>
  import.meta.url.endsWith('.ts')
    ? new URL('./cohort-jobs.ts', import.meta.url).href
    : pathToFileURL(join(bundles, 'engine', 'cohort-jobs.js')).href;
