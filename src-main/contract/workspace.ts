import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { ErrorReportSchema, Id, Millis } from './common.ts';

/** What the host can do; the UI shows or hides actions by this, never by guessing. */
export const HostCapabilities = z.object({
  kind: z.enum(['desktop', 'headless']),
  platform: z.string(),
  /** Native open/save dialogs. */
  dialogs: z.boolean(),
  /** Switching to another workspace folder from inside the app. */
  workspaces: z.boolean(),
  /** Where secrets are kept: the OS keychain, a file only the user can read, or nowhere. */
  secrets: z.enum(['keychain', 'file', 'none']),
  tray: z.boolean(),
});
export type HostCapabilities = z.infer<typeof HostCapabilities>;

export const Service = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['starting', 'running', 'restarting', 'failed', 'stopped']),
  pid: z.int().nullable(),
  /** How often it was restarted after dying, since Lathe started. */
  restarts: z.int(),
  startedMs: Millis.nullable(),
  /** Resident memory in bytes, where the platform tells it. */
  memoryBytes: z.int().nullable(),
  error: ErrorReportSchema.nullable(),
});
export type Service = z.infer<typeof Service>;

export const Urls = z.object({
  /** Open Inference Protocol over HTTP, e.g. http://127.0.0.1:8000; null while not listening. */
  inferenceHttp: z.string().nullable(),
  inferenceGrpc: z.string().nullable(),
  mlflow: z.string().nullable(),
  /** The UI, on the headless host. */
  ui: z.string().nullable(),
});
export type Urls = z.infer<typeof Urls>;

export const Hello = z.object({
  app: z.literal('lathe'),
  version: z.string(),
  protocol: z.literal(1),
  /** Changes whenever the engine process is a new one. */
  instanceId: Id,
  startedMs: Millis,
  workspace: z.object({ id: Id, name: z.string(), path: z.string(), sample: z.boolean() }),
  host: HostCapabilities,
  urls: Urls,
});
export type Hello = z.infer<typeof Hello>;

/** Topics name what changed; the UI re-queries what it shows of it. */
export const Topic = z.enum([
  'experiments',
  'models',
  'serving',
  'abTests',
  'monitoring',
  'businessMetrics',
  'alerts',
  'replay',
  'activity',
  'settings',
  'services',
  'overview',
  'trash',
]);
export type Topic = z.infer<typeof Topic>;

export const WorkspaceEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('changed'), topics: z.array(Topic), atMs: Millis }),
  z.object({
    type: z.literal('notice'),
    level: z.enum(['info', 'success', 'warning', 'error']),
    title: z.string(),
    detail: z.string().nullable(),
    /** Where a click leads, as a route of the UI such as /serving/flight-delay. */
    href: z.string().nullable(),
    atMs: Millis,
  }),
]);
export type WorkspaceEvent = z.infer<typeof WorkspaceEvent>;

export const workspace = {
  hello: oc.output(Hello),
  services: oc.output(z.array(Service)),
  /**
   * Live: invalidations (at most 4 a second per topic) and notices. Ends when the connection does. A program that
   * shows notices to nobody says so, or it would take those that wait for a person.
   */
  events: oc
    .input(z.object({ notices: z.boolean().default(true) }).default({ notices: true }))
    .output(eventIterator(WorkspaceEvent)),
  /** Desktop only: choose another folder with the native dialog; the engine restarts on it. */
  choose: oc
    .input(z.object({ mode: z.enum(['open', 'create', 'sample']) }))
    .output(z.object({ chosen: z.boolean() })),
  /** Versions, services and the last log lines, secrets removed, for a bug report. */
  diagnostics: oc.output(z.object({ text: z.string() })),
};
