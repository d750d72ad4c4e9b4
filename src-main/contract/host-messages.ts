/**
 * What the desktop window and its host say to each other outside the RPC, by `window.postMessage` through the
 * preload (src-main/host-electron/preload.ts). A browser tab on the headless host never sees these.
 *
 * The preload also leaves `window.lathe = { host: 'desktop', theme }` for the first paint; nothing else.
 */
import type { ActionId } from './actions.ts';
import type { ErrorReport } from './errors.ts';

/** Host → page. Accept only when `event.source === window`. */
export type HostToPage =
  /** The answer to `connect`: `event.ports[0]` speaks the contract until its engine ends, then closes. */
  | { lathe: 'port' }
  /** The menu bar asks for an action of the registry. */
  | { lathe: 'action'; id: ActionId }
  /** A notification of the desktop was clicked: the route of what it is about. */
  | { lathe: 'open'; href: string }
  /** The workspace could not be opened; no port comes until another one is chosen. Repeated on `connect`. */
  | { lathe: 'startup-failed'; report: ErrorReport; workspace: string };

export type WorkspaceChoice = 'open' | 'create' | 'sample';

/** Page → host, by `window.postMessage(message, '/')`. */
export type PageToHost =
  /** Asks for a port; answered as soon as an engine runs. Asking again before that changes nothing. */
  | { lathe: 'connect' }
  /** The first view shows real data; the host writes it into its start-up marks. */
  | { lathe: 'interactive' }
  /** From the failure screen, where no engine answers `workspace.choose`. */
  | { lathe: 'choose-workspace'; mode: WorkspaceChoice }
  /** From the failure screen: try the same workspace again. */
  | { lathe: 'retry-start' };
