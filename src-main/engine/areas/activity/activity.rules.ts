/** Words and shapes of activities. */
import type { Activity } from '../../../contract/activity.ts';

export type ActivitySpec = {
  kind: Activity['kind'];
  title: string;
  detail?: string;
  cancellable?: boolean;
  /** Route of the UI that shows more. */
  href?: string | null;
};

/** What a supervised process is called on screen. */
export function processTitle(id: string): string {
  const [role = id, device] = id.split(':');
  const title = { engine: 'Engine', gateway: 'Inference gateway', runner: 'Model runner' }[role] ?? role;
  return device ? `${title} (${device})` : title;
}

/** How a process ended, in words: "was killed (SIGKILL)", "ended with code 1". */
export function endingWords(code: number | null, signal: string | null): string {
  if (signal !== null) return signal === 'SIGKILL' ? 'was killed (SIGKILL)' : `was ended by ${signal}`;
  return code === null ? 'ended unexpectedly' : `ended with code ${code}`;
}

/** A pause as people say it: "340 ms", "1.2 s". */
export const pauseWords = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
