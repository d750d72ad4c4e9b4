/**
 * Ground truth, which comes late. A label joins one prediction: by its id, or by entity (the unit a client named) and
 * time. The same label again changes at most its time, another one replaces it and both stay in the history. Quality is told by the
 * time of the prediction (its cohort), with how much of it is labelled.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, Name } from './common.ts';
import { WindowSize } from './monitoring-series.ts';

export const LABEL_ITEMS = 5_000;

/** By prediction id. */
export const Label = z.object({
  predictionId: Id,
  label: z.string().min(1).max(200),
  /** When it was observed; now by default. */
  labelledMs: Millis.optional(),
});
export type Label = z.infer<typeof Label>;

/** By entity: joins the newest prediction of `entity` in [atMs − withinMs, atMs] that has no label from another entity label. */
export const EntityLabel = z.object({
  entity: z.string().min(1).max(256),
  label: z.string().min(1).max(200),
  /** When the thing that was predicted happened. */
  atMs: Millis,
  withinMs: z
    .int()
    .positive()
    .max(90 * 86_400_000),
});
export type EntityLabel = z.infer<typeof EntityLabel>;

export const LabelOutcome = z.object({
  joined: z.int(),
  unchanged: z.int(),
  /** Of those joined: another label was there before. */
  replaced: z.int(),
  /** Older than the one that is there: nothing changed. */
  stale: z.int(),
  unknown: z.array(Id),
  /** Cannot be labels of their prediction (text for a binary model), and why; `at` is the position in the request. */
  refused: z.array(z.object({ at: z.int(), reason: z.string() })),
});
export type LabelOutcome = z.infer<typeof LabelOutcome>;

/** Of a file with one row per label. */
export const LabelFileResult = LabelOutcome.omit({ unknown: true, refused: true }).extend({
  rows: z.int(),
  unknown: z.int(),
  /** Rows that could not be read or cannot be labels of their prediction, and the first of them with why. */
  refused: z.int(),
  problems: z.array(z.object({ row: z.int(), reason: z.string() })),
});
export type LabelFileResult = z.infer<typeof LabelFileResult>;

export const LabelPreview = z.object({
  rows: z.int(),
  columns: z.array(z.string()),
  /** Columns as guessed by their names. */
  guess: z.object({
    predictionId: z.string().nullable(),
    entity: z.string().nullable(),
    atMs: z.string().nullable(),
    label: z.string().nullable(),
  }),
  sample: z.array(z.array(z.string())),
});
export type LabelPreview = z.infer<typeof LabelPreview>;

/** How the labels of one window's predictions have come. */
export const Cohort = z.object({
  windowMs: Millis,
  predictions: z.int(),
  labelled: z.int(),
  /** 80 % have come, or it is older than nine tenths of the delays seen. */
  mature: z.boolean(),
});
export const Maturity = z.object({
  cohorts: z.array(Cohort),
  /** Delay from prediction to label: the share that has come after so long, of those predicted long enough ago (Kaplan–Meier). */
  delay: z.array(z.object({ afterMs: Millis, share: z.number() })),
  p50Ms: Millis.nullable(),
  p90Ms: Millis.nullable(),
  /** Labels that joined by entity and time rather than by id. */
  byEntity: z.int(),
  /** Labels that replaced another. */
  replaced: z.int(),
});
export type Maturity = z.infer<typeof Maturity>;

export const LabelRevision = z.object({
  label: z.string(),
  labelledMs: Millis,
  receivedMs: Millis,
  by: z.enum(['id', 'entity']),
  source: z.string(),
});
export type LabelRevision = z.infer<typeof LabelRevision>;

export const labels = {
  push: oc
    .input(
      z.object({
        labels: z.array(Label).min(1).max(LABEL_ITEMS),
        source: z.string().max(200).default('api'),
      }),
    )
    .output(LabelOutcome),
  pushByEntity: oc
    .input(
      z.object({
        endpoint: Name,
        labels: z.array(EntityLabel).min(1).max(LABEL_ITEMS),
        source: z.string().max(200).default('api'),
      }),
    )
    .output(LabelOutcome.omit({ unknown: true }).extend({ unknown: z.array(z.int()) })),
  preview: oc.input(z.object({ uploadId: Id })).output(LabelPreview),
  /** Progress and cancel through the activity; what was joined before a cancel stays. */
  upload: oc
    .input(
      z.object({
        uploadId: Id,
        endpoint: Name,
        labelColumn: z.string(),
        /** By id, */
        predictionIdColumn: z.string().optional(),
        /** or by entity and time: then `atColumn` and `withinMs` are needed. */
        entityColumn: z.string().optional(),
        /** By id: when the label was observed. */
        atColumn: z.string().optional(),
        withinMs: EntityLabel.shape.withinMs.optional(),
      }),
    )
    .output(LabelFileResult),
  maturity: oc
    .input(z.object({ endpoint: Name, per: WindowSize.default('day'), arm: z.string().optional() }))
    .output(Maturity),
  history: oc.input(z.object({ predictionId: Id })).output(z.array(LabelRevision)),
};
