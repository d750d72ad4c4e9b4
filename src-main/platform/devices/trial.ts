/** Has a provider tried in a process of its own, and knows what to make of it however that process ends. */
import type { Provider } from '../../contract/devices.ts';
import type { HostPort } from '../host-port.ts';

export type TrialStep = 'loading ONNX Runtime' | 'making a session' | 'running it' | 'measuring it';

export type TrialStart = { role: 'probe'; provider: Provider };
export type TrialEnd =
  /** This ONNX Runtime does not have it. */
  | { kind: 'absent'; backends: string[] }
  | { kind: 'failed'; reason: string }
  /** `difference` from the CPU's result, as a part of its largest value. */
  | { kind: 'ran'; backends: string[]; difference: number; ms: number; cpuMs: number };
export type TrialWord = { type: 'step'; step: TrialStep } | { type: 'end'; end: TrialEnd };

export type TrialOutcome =
  | TrialEnd
  | { kind: 'crashed'; how: string; step: TrialStep }
  | { kind: 'hung'; seconds: number; step: TrialStep };

export type Trial = (provider: Provider, libraries: readonly string[]) => Promise<TrialOutcome>;

/** The first session of a CUDA process reads hundreds of megabytes from disk. */
const LIMIT_MS = 45_000;

/** `limitMs` is shortened by tests only. */
export function createTrial(
  processes: Pick<HostPort['processes'], 'ensure' | 'stop' | 'on'>,
  limitMs = LIMIT_MS,
): Trial {
  let count = 0;
  return (provider, libraries) =>
    new Promise((resolve) => {
      const id = `probe:${provider}-${++count}`;
      let step: TrialStep = 'loading ONNX Runtime';
      const finish = (outcome: TrialOutcome) => {
        clearTimeout(timer);
        unlisten();
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        finish({ kind: 'hung', seconds: Math.round(limitMs / 1000), step });
        void processes.stop(id);
      }, limitMs);
      timer.unref();
      const unlisten = processes.on((event) => {
        if (event.type === 'message') {
          const word = event.message as TrialWord;
          if (event.id !== id) return;
          if (word.type === 'step') step = word.step;
          else if (word.type === 'end') finish(word.end);
        } else if (event.process.id === id && event.process.state === 'stopped') {
          const { code, signal } = event.process.lastExit ?? { code: null, signal: null };
          finish({ kind: 'crashed', how: signal ?? `exit code ${code}`, step });
        }
      });
      const start: TrialStart = { role: 'probe', provider };
      processes.ensure({ id, entry: 'probe', start, libraries, once: true });
    });
}
