/** Work that takes its time, and things that happened: what people look up in the activity list. */
import type { Activity } from '../../../contract/activity.ts';
import { LatheError, toErrorReport } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import type { ActivitySpec } from './activity.rules.ts';
import { createActivityStore } from './activity.store.ts';

export type ActivityHandle = {
  readonly id: string;
  /** Aborted when a person cancels; the work looks at it and then reports `failed` with whatever it throws. */
  readonly signal: AbortSignal;
  /** Share done, 0 to 1, or null when it cannot be known. Cheap: written at most four times a second. */
  progress(share: number | null, detail?: string): void;
  done(detail?: string): void;
  /** Ends it as failed, or as cancelled when a person cancelled it. */
  failed(thrown: unknown): void;
};

export type Activities = {
  start(spec: ActivitySpec): ActivityHandle;
  /** Runs `work` as an activity; its failure is recorded and thrown on. */
  run<T>(spec: ActivitySpec, work: (handle: ActivityHandle) => Promise<T>): Promise<T>;
  /** Something that happened and is over. */
  record(spec: ActivitySpec & { error?: unknown; startedMs?: number }): void;
};

export type ActivityService = Activities & {
  list(limit: number): Activity[];
  cancel(id: string): boolean;
  /** What ran when the last engine ended did not finish. */
  interruptLeftovers(): void;
  cancelAll(): void;
};

const KEPT = 1_000;
const WRITE_EVERY_MS = 250;

type Live = { activity: Activity; controller: AbortController; savedMs: number };

export function createActivityService(
  context: Pick<AreaContext, 'db' | 'clock' | 'ids' | 'events' | 'log'>,
): ActivityService {
  const { clock, events, log } = context;
  const store = createActivityStore(context.db);
  const live = new Map<string, Live>();

  /** The list is a record of the work, not a part of it: a full disk must not fail what it tells of. */
  function persist(activity: Activity | Omit<Activity, 'cancellable'>): void {
    const { id, kind, title, detail, state, progress, startedMs, endedMs, error, href } = activity;
    try {
      store.save({ id, kind, title, detail, state, progress, startedMs, endedMs, error, href });
    } catch (thrown) {
      log.error({ err: thrown, activity: title }, 'an activity could not be saved');
    }
  }

  function begin(spec: ActivitySpec, startedMs: number): Activity {
    return {
      id: context.ids.next(),
      kind: spec.kind,
      title: spec.title,
      detail: spec.detail ?? '',
      state: 'running',
      progress: null,
      cancellable: spec.cancellable ?? false,
      startedMs,
      endedMs: null,
      error: null,
      href: spec.href ?? null,
    };
  }

  function end(id: string, part: Partial<Activity>): void {
    const entry = live.get(id);
    if (!entry) return;
    live.delete(id);
    persist({ ...entry.activity, ...part, endedMs: clock.now() });
    events.changed('activity');
  }

  function start(spec: ActivitySpec): ActivityHandle {
    const activity = begin(spec, clock.now());
    const entry: Live = { activity, controller: new AbortController(), savedMs: clock.monotonic() };
    live.set(activity.id, entry);
    persist(activity);
    events.changed('activity');
    return {
      id: activity.id,
      signal: entry.controller.signal,
      progress(share, detail) {
        if (!live.has(activity.id)) return;
        const progress = share === null ? null : Math.min(1, Math.max(0, share));
        entry.activity = { ...entry.activity, progress, detail: detail ?? entry.activity.detail };
        if (clock.monotonic() - entry.savedMs < WRITE_EVERY_MS) return;
        entry.savedMs = clock.monotonic();
        persist(entry.activity);
        events.changed('activity');
      },
      done: (detail) =>
        end(activity.id, { state: 'done', progress: 1, detail: detail ?? entry.activity.detail }),
      failed(thrown) {
        if (entry.controller.signal.aborted) {
          end(activity.id, { state: 'cancelled' });
          return;
        }
        const error = toErrorReport(thrown);
        log.warn({ activity: activity.title, error }, 'activity failed');
        end(activity.id, { state: 'failed', error });
      },
    };
  }

  return {
    start,
    async run(spec, work) {
      const handle = start(spec);
      try {
        const result = await work(handle);
        handle.done();
        return result;
      } catch (thrown) {
        handle.failed(thrown);
        throw thrown;
      }
    },
    record(spec) {
      const nowMs = clock.now();
      const error = spec.error === undefined ? null : toErrorReport(spec.error);
      const activity = begin(spec, spec.startedMs ?? nowMs);
      persist({ ...activity, state: error ? 'failed' : 'done', endedMs: nowMs, error });
      events.changed('activity');
    },
    list(limit) {
      return store.list(limit).map((stored) => {
        const entry = live.get(stored.id);
        return entry?.activity ?? { ...stored, cancellable: false };
      });
    },
    cancel(id) {
      const entry = live.get(id);
      if (!entry?.activity.cancellable || entry.controller.signal.aborted) return false;
      entry.activity = { ...entry.activity, cancellable: false };
      entry.controller.abort(new LatheError('LATHE_CANCELLED', { kind: entry.activity.kind }));
      events.changed('activity');
      return true;
    },
    interruptLeftovers() {
      const error = new LatheError('LATHE_INTERNAL', { reason: 'it was interrupted by a restart' }).report();
      for (const activity of store.running())
        persist({ ...activity, state: 'failed', endedMs: clock.now(), error });
      store.trim(KEPT);
    },
    cancelAll() {
      for (const { controller } of live.values())
        controller.abort(new LatheError('LATHE_ENGINE_UNAVAILABLE'));
    },
  };
}
