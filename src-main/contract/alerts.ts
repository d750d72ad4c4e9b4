/**
 * Rules on series, and what they found. A rule's condition holds for `forWindows` windows before it fires and is away for
 * `keepWindows` before it resolves; too few rows and windows without data neither fire nor resolve.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, Name, Revision, Version } from './common.ts';
import { DriftLevel, SeriesRef, WindowSize } from './monitoring-series.ts';

export const Severity = z.enum(['info', 'warning', 'critical']);
export type Severity = z.infer<typeof Severity>;

export const AlertCondition = z.discriminatedUnion('kind', [
  /** Beyond `value`; over again once it is back beyond `exit` (by default a fifth nearer to the good side). */
  z.object({
    kind: z.literal('threshold'),
    direction: z.enum(['above', 'below']),
    value: z.number(),
    exit: z.number().nullable().default(null),
  }),
  /** Moved by more than `by` from what it is compared with; `relative` as a share of it. */
  z.object({
    kind: z.literal('change'),
    from: z.enum(['reference', 'previous', 'week-before']),
    direction: z.enum(['up', 'down', 'either']),
    by: z.number().positive(),
    relative: z.boolean(),
  }),
  /** Share of bad rows over 1 − objective, in a long and a short span at once (SRE Workbook, chapter 5). Of shares and of accuracy. */
  z.object({
    kind: z.literal('burn-rate'),
    objective: z.number().min(0.5).max(0.99999),
    rate: z.number().positive(),
    longWindows: z.int().min(2).max(1000),
    shortWindows: z.int().min(1).max(500),
    minEvents: z.int().min(1).default(100),
  }),
]);
export type AlertCondition = z.infer<typeof AlertCondition>;

export const AlertRuleInput = z.object({
  endpoint: Name,
  name: z.string().min(1).max(120),
  enabled: z.boolean().default(true),
  severity: Severity.default('warning'),
  /** A feature named `*` makes one alert per watched feature. */
  series: SeriesRef,
  per: WindowSize.default('day'),
  arm: z.string().nullable().default(null),
  slice: Id.nullable().default(null),
  condition: AlertCondition,
  /** Fewer rows than this and the window is skipped; the series' own floor holds too. */
  minN: z.int().min(0).default(0),
  forWindows: z.int().min(1).max(100).default(1),
  keepWindows: z.int().min(1).max(100).default(1),
});
export type AlertRuleInput = z.infer<typeof AlertRuleInput>;

export const AlertRule = AlertRuleInput.extend({
  id: Id,
  revision: Revision,
  createdMs: Millis,
  /** Made with the endpoint's first reference; may be changed and switched off. */
  preset: z.boolean(),
  state: z.enum(['ok', 'pending', 'firing', 'no-data', 'off']),
  /** In words: “PSI of any input above 0.25 on 2 days running”. */
  says: z.string(),
  /** Why it cannot be judged now, in a sentence. */
  problem: z.string().nullable(),
});
export type AlertRule = z.infer<typeof AlertRule>;

export const AlertState = z.enum(['firing', 'resolved']);

export const Alert = z.object({
  id: Id,
  ruleId: Id,
  endpoint: Name,
  severity: Severity,
  state: AlertState,
  title: z.string(),
  /** One or two sentences with the figures. */
  text: z.string(),
  series: SeriesRef,
  per: WindowSize,
  arm: z.string().nullable(),
  slice: Id.nullable(),
  version: Version.nullable(),
  openedMs: Millis,
  /** Event time of the window that made it fire. */
  windowMs: Millis,
  resolvedMs: Millis.nullable(),
  /** It was over before it was seen: late data made it, or Lathe was off meanwhile. */
  was: z.boolean(),
  /** Event time of the window that ended it; null while it goes on, and where no window did. */
  overMs: Millis.nullable(),
  value: z.number().nullable(),
  limit: z.number().nullable(),
  n: z.int(),
  acknowledged: z.object({ atMs: Millis, note: z.string() }).nullable(),
  snoozedUntilMs: Millis.nullable(),
  /** Id of the alert that explains it (missing values explain drift; a drifted dataset its features); null when none does. */
  explainedBy: Id.nullable(),
});
export type Alert = z.infer<typeof Alert>;

/** The title of an alert by a burn rate. Its value and limit are multiples of a budget, not values of the series. */
export const burnTitle = (measure: string, past: boolean, times: string, endpoint: string): string =>
  `${measure} ${past ? 'burned' : 'burns'} ${times} its budget on ${endpoint}`;
export const isBurnTitle = (title: string): boolean => / (?:burns|burned) .+ its budget on /.test(title);

/** An alert's title where its endpoint is named already: in the endpoint's own views, in a list under its name. */
export function titleWithin({ title, endpoint }: Pick<Alert, 'title' | 'endpoint'>): string {
  const named = ` on ${endpoint}`;
  return title.endsWith(named) ? title.slice(0, -named.length) : title;
}

export const ChangeEvent = z.object({
  atMs: Millis,
  /** Where that lies on the axis of event time: another place while the past is replayed. Null where it is not known. */
  eventMs: Millis.nullable(),
  kind: z.enum(['route', 'version', 'reference', 'replay', 'labels', 'alert']),
  title: z.string(),
  detail: z.string(),
  href: z.string().nullable(),
});
export type ChangeEvent = z.infer<typeof ChangeEvent>;

/** Its series is not told by slice; no slice was watched; no row of the time was logged; the log did not answer in time. */
export const SlicesWhy = z.enum(['not-told', 'no-slices', 'not-logged', 'not-read']);
export type SlicesWhy = z.infer<typeof SlicesWhy>;

/** What was known when it fired; kept with the alert, as it was. */
export const AlertEvidence = z.object({
  /** The series up to the window, to be drawn. */
  points: z.array(
    z.object({
      windowMs: Millis,
      value: z.number().nullable(),
      n: z.int(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
  reference: z.number().nullable(),
  /** Features that moved most, with both sides. */
  features: z.array(
    z.object({
      feature: z.string(),
      score: z.number(),
      level: DriftLevel,
      n: z.int(),
      bins: z.array(
        z.object({
          label: z.string(),
          lower: z.number().nullable(),
          upper: z.number().nullable(),
          reference: z.number(),
          current: z.number(),
        }),
      ),
    }),
  ),
  slices: z.array(
    z.object({
      name: z.string(),
      value: z.number().nullable(),
      rest: z.number().nullable(),
      /** Rows behind the value: of performance the labelled ones, else those of the log that were looked at. */
      labelled: z.int(),
      apart: z.boolean(),
      /** Too few rows for a value. */
      tooFew: z.boolean().default(false),
    }),
  ),
  /** What is told of them where it is not the alert's series: of the drifted share, the input that had moved most. */
  slicesOf: SeriesRef.nullable().default(null),
  /** Why there are none; null where there are some, and with alerts of before this was kept. */
  slicesWhy: SlicesWhy.nullable().default(null),
  arms: z.array(
    z.object({
      arm: z.string(),
      version: Version,
      value: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      n: z.int(),
    }),
  ),
  changes: z.array(ChangeEvent),
  /** What one click would take the endpoint back to; null when there is nothing to go back to. */
  rollback: z.object({ revision: Revision, says: z.string() }).nullable(),
});
export type AlertEvidence = z.infer<typeof AlertEvidence>;

export const Channel = z.object({
  id: Id,
  kind: z.enum(['slack', 'json']),
  name: z.string().min(1).max(100),
  /** Without what is secret in it. */
  host: z.string(),
  minSeverity: Severity,
  enabled: z.boolean(),
  last: z.object({ atMs: Millis, ok: z.boolean(), detail: z.string() }).nullable(),
});
export type Channel = z.infer<typeof Channel>;

/** A place in the list: whether it is among those that are over, and the number of the last alert before it. */
export const AlertCursor = z.string().regex(/^(?:open|over)-\d{1,15}$/);

export const alerts = {
  rules: oc.input(z.object({ endpoint: Name.optional() })).output(z.array(AlertRule)),
  createRule: oc.input(AlertRuleInput).output(AlertRule),
  updateRule: oc.input(z.object({ id: Id, revision: Revision, rule: AlertRuleInput })).output(AlertRule),
  removeRule: oc.input(z.object({ id: Id })).output(z.object({ removed: z.boolean() })),
  /** How often it would have fired on what is there. */
  tryRule: oc.input(AlertRuleInput).output(
    z.object({
      windows: z.int(),
      fired: z.array(z.object({ windowMs: Millis, series: SeriesRef, value: z.number() })),
      says: z.string(),
    }),
  ),
  list: oc
    .input(
      z.object({
        endpoint: Name.optional(),
        state: z.enum(['open', 'all']).default('open'),
        limit: z.int().min(1).max(500).default(100),
        /** `next` of the page before: the alerts after it. */
        before: AlertCursor.optional(),
      }),
    )
    .output(
      z.object({
        /** Open ones first, then those that are over; newest first. */
        alerts: z.array(Alert),
        /** Where the older ones begin; null when these were the last. */
        next: AlertCursor.nullable(),
        /** Of all pages. */
        open: z.int(),
        unacknowledged: z.int(),
      }),
    ),
  get: oc.input(z.object({ id: Id })).output(
    z.object({
      alert: Alert,
      rule: AlertRule.nullable(),
      evidence: AlertEvidence,
      history: z.array(z.object({ atMs: Millis, what: z.string(), note: z.string() })),
    }),
  ),
  acknowledge: oc.input(z.object({ id: Id, note: z.string().max(1000).default('') })).output(Alert),
  /** Takes an acknowledgement back, with its note. */
  unacknowledge: oc.input(z.object({ id: Id })).output(Alert),
  snooze: oc.input(z.object({ id: Id, untilMs: Millis })).output(Alert),
  /** What happened to the endpoint in a stretch of time, to mark on charts. */
  changes: oc
    .input(z.object({ endpoint: Name, fromMs: Millis.optional(), toMs: Millis.optional() }))
    .output(z.array(ChangeEvent)),
  channels: oc.output(z.array(Channel)),
  saveChannel: oc
    .input(
      Channel.pick({ kind: true, name: true, minSeverity: true, enabled: true }).extend({
        id: Id.optional(),
        url: z.string().max(2000).optional(),
      }),
    )
    .output(Channel),
  removeChannel: oc.input(z.object({ id: Id })).output(z.object({ removed: z.boolean() })),
  testChannel: oc.input(z.object({ id: Id })).output(z.object({ ok: z.boolean(), detail: z.string() })),
};
