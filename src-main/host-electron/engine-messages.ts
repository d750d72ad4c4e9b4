/** What Electron's main and the engine's utility process say to each other, besides the supervisor's own messages. */
import type { ErrorReport } from '../contract/errors.ts';
import type { WorkspaceChoice } from '../contract/host-messages.ts';
import type { HostCapabilities } from '../contract/workspace.ts';
import type { ProcessSpec, ProcessState, SupervisorEvent } from '../platform/supervisor.ts';
import type { Ports } from './options.ts';

export type EngineStart = {
  role: 'engine';
  workspace: string;
  /** Make the workspace where there is none. */
  create: boolean;
  sample: boolean;
  version: string;
  /** Folder that holds `sample/`. */
  resources: string;
  /** The `out` folder with the built bundles. */
  bundles: string;
  ports: Ports;
  capabilities: HostCapabilities;
};

export type HostToEngine =
  | { type: 'start'; start: EngineStart }
  /** With one MessagePort: a client of the contract. */
  | { type: 'client' }
  | { type: 'process-event'; event: SupervisorEvent }
  /** What is running at this moment; sent before anything else, as a restarted engine finds processes alive. */
  | { type: 'processes'; processes: ProcessState[] }
  | { type: 'chosen'; id: number; chosen: boolean }
  | { type: 'secret-done'; id: number; value: string | null; error: ErrorReport | null }
  | { type: 'shutdown' };

export type EngineToHost =
  | { type: 'ready' }
  | { type: 'startup-failed'; report: ErrorReport }
  | { type: 'ensure'; spec: ProcessSpec }
  | { type: 'stop'; id: string }
  | { type: 'choose'; id: number; mode: WorkspaceChoice }
  | { type: 'secret'; id: number; ask: SecretAsk }
  | { type: 'notify'; notice: { title: string; body: string; href: string } };

export type SecretAsk = { do: 'set'; name: string; value: string } | { do: 'get' | 'remove'; name: string };
