/** What the engine asks of its host. The desktop host and the headless host each give one of these. */
import type { HostCapabilities } from '../contract/workspace.ts';
import type { ProcessSpec, ProcessState, SupervisorEvent } from './supervisor.ts';

/** What must not lie in the workspace's database, in logs or in answers: addresses of webhooks. Names are ours. */
export type Secrets = {
  set(name: string, value: string): Promise<void>;
  /** Null when there is none of that name here, or it cannot be read any more. */
  get(name: string): Promise<string | null>;
  remove(name: string): Promise<void>;
};

export type HostPort = {
  readonly capabilities: HostCapabilities;
  readonly processes: {
    ensure(spec: ProcessSpec): void;
    stop(id: string): Promise<void>;
    list(): ProcessState[];
    on(listener: (event: SupervisorEvent) => void): () => void;
  };
  /** Asks the host to switch to another workspace; the engine is restarted on it. Desktop only. */
  chooseWorkspace(mode: 'open' | 'create' | 'sample'): Promise<boolean>;
  /** Kept as `capabilities.secrets` says; each rejects with LATHE_ALERTS_NO_SECRETS where that is `none`. */
  readonly secrets: Secrets;
  /** A notification of the operating system; nothing where there is none. `href` is a route of the UI. */
  notify(notice: { title: string; body: string; href: string }): void;
};
