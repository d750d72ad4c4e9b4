/** A process that died and came back, told to the user in plain words and kept in the activity list. */
import { LatheError } from '../../../contract/errors.ts';
import type { SupervisorEvent } from '../../../platform/supervisor.ts';
import type { AreaContext } from '../../context.ts';
import { endingWords, pauseWords, processTitle } from './activity.rules.ts';
import type { Activities } from './activity.service.ts';

type Death = { atMs: number; words: string };

const KEPT_WORDS: Record<string, string> = {
  engine: 'Everything that was saved is still here.',
  gateway: 'Requests that were under way got an error and can be sent again; nothing saved was lost.',
  runner: 'Requests that were under way got an error and can be sent again; nothing saved was lost.',
};

/** Watches the host's processes; returns the way to stop watching. */
export function watchIncidents(
  context: Pick<AreaContext, 'clock' | 'events' | 'host' | 'log'>,
  activities: Activities,
): () => void {
  const deaths = new Map<string, Death>();
  return context.host.processes.on((event: SupervisorEvent) => {
    if (event.type === 'died') {
      const words = endingWords(event.code, event.signal);
      const atMs = event.process.lastExit?.atMs ?? context.clock.now();
      deaths.set(event.process.id, { atMs, words });
      context.log.warn(
        { process: event.process.id, code: event.code, signal: event.signal },
        'a process died',
      );
      context.events.changed('services', 'overview');
    } else if (event.type === 'state') {
      context.events.changed('services', 'overview');
      const death = deaths.get(event.process.id);
      if (!death) return;
      if (event.process.state === 'running') recovered(context, activities, event.process.id, death);
      else if (event.process.state === 'failed') gaveUp(context, activities, event.process.id, death);
      else if (event.process.state !== 'stopped') return;
      deaths.delete(event.process.id);
    }
  });
}

/** The engine itself was not closed in order: said at its next start. */
export function recordEngineRestart(
  context: Pick<AreaContext, 'clock' | 'events' | 'host' | 'log'>,
  activities: Activities,
): void {
  const exit = context.host.processes.list().find((process) => process.id === 'engine')?.lastExit;
  if (exit) {
    recovered(context, activities, 'engine', {
      atMs: exit.atMs,
      words: endingWords(exit.code, exit.signal),
    });
    return;
  }
  const title = 'Lathe was not closed in order last time';
  const detail = `It stopped without closing the workspace. ${KEPT_WORDS.engine}`;
  activities.record({ kind: 'incident', title, detail });
  context.events.notice({ level: 'info', title, detail, href: '/activity' });
}

function recovered(
  context: Pick<AreaContext, 'clock' | 'events'>,
  activities: Activities,
  id: string,
  death: Death,
): void {
  const pause = pauseWords(context.clock.now() - death.atMs);
  const title = `${processTitle(id)} was restarted`;
  const detail = `It ${death.words} and was running again after ${pause}. ${keptWords(id)}`;
  activities.record({ kind: 'incident', title, detail, startedMs: death.atMs });
  context.events.notice({ level: 'warning', title, detail, href: '/activity' });
}

function gaveUp(
  context: Pick<AreaContext, 'events'>,
  activities: Activities,
  id: string,
  death: Death,
): void {
  const title = `${processTitle(id)} keeps stopping`;
  const detail = `It ${death.words} six times within 30 seconds and is not started again. ${keptWords(id)}`;
  const error = new LatheError('LATHE_INTERNAL', { reason: `${processTitle(id)} ${death.words}` });
  activities.record({ kind: 'incident', title, detail, startedMs: death.atMs, error });
  context.events.notice({ level: 'error', title, detail, href: '/activity' });
}

const keptWords = (id: string): string => KEPT_WORDS[id.split(':')[0] ?? ''] ?? 'Nothing saved was lost.';
