/**
 * What the desktop window and its host say to each other outside the RPC, by `window.postMessage` through the
 * preload (src-main/host-electron/preload.ts). A browser tab on the headless host never sees these.
 *
 * The preload also exposes `window.lathe`, an object with one property, `theme`, for the first paint.
 */
import type { ActionId } from './actions.ts';
import type { ErrorReport } from './errors.ts';

/** Host → page. Accept only when `event.source === window` and `event.origin === location.origin`. */
export type HostToPage =
  /** `event.ports[0]` speaks the contract. Sent after the page has loaded and again for every new engine. */
  | { lathe: 'port' }
  /** The menu bar asks for an action of the registry. */
  | { lathe: 'action'; id: ActionId }
  /** The engine has gone and is being started again; a new port follows. */
  | { lathe: 'engine-down'; restarts: number; failed: boolean }
  /** The workspace could not be opened; no port comes until another one is chosen. */
  | { lathe: 'startup-failed'; report: ErrorReport; workspace: string };

export type WorkspaceChoice = 'open' | 'create' | 'sample';

/** Page → host, by `window.postMessage(message, location.origin)`. */
export type PageToHost =
  /** The first view shows real data; the host writes it into its start-up marks. */
  | { lathe: 'interactive' }
  /** From the failure screen, where no engine answers `workspace.choose`. */
  | { lathe: 'choose-workspace'; mode: WorkspaceChoice }
  /** From the failure screen: try the same workspace again. */
  | { lathe: 'retry-start' };

/** What the preload puts on the page's `window`. */
export type LatheWindow = { readonly lathe?: { readonly theme: 'system' | 'light' | 'dark' } };
