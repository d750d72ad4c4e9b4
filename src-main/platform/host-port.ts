/** What the engine asks of its host. The desktop host and the headless host each give one of these. */
import type { HostCapabilities } from '../contract/workspace.ts';
import type { ProcessSpec, ProcessState, SupervisorEvent } from './supervisor.ts';

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
};
