/**
 * What live values are compared with. A version's first reference freezes the grid; further ones are counted on the
 * same grid, so that all scores of a version are on one scale. Of the training data it tells training–serving skew, of a
 * past serving window it tells drift since then.
 */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Millis, ModelName, Name, Version } from './common.ts';

export const ReferenceKind = z.enum(['training-run', 'file', 'serving-window']);

export const Reference = z.object({
  id: Id,
  model: ModelName,
  version: Version,
  kind: ReferenceKind,
  title: z.string(),
  /** A file's name, a run's id, or the endpoint and its window, for people. */
  source: z.string(),
  rows: z.int(),
  features: z.array(z.string()),
  /** Inputs of the model that it has no column for: these are not watched. */
  absent: z.array(z.string()),
  /** Columns that are not inputs. */
  ignored: z.array(z.string()),
  /** Raw rows are kept, so that exact scores can be computed; at most REFERENCE_ROWS, drawn at random. */
  rawRows: z.int(),
  createdMs: Millis,
  /** The one that scores are taken against when none is named. */
  active: z.boolean(),
});
export type Reference = z.infer<typeof Reference>;
export const REFERENCE_ROWS = 200_000;

/** What a file holds, before it is taken. */
export const ReferencePreview = z.object({
  rows: z.int(),
  columns: z.array(
    z.object({
      name: z.string(),
      /** As the file has it. */
      type: z.string(),
      /** input: the model reads it; prediction, label: by name; other: not used. */
      role: z.enum(['input', 'prediction', 'label', 'other']),
      kind: z.enum(['numeric', 'categorical']).nullable(),
      missing: z.number(),
      distinct: z.int(),
      /** Why it cannot be watched, in a sentence; null when it can. */
      problem: z.string().nullable(),
    }),
  ),
  absent: z.array(z.string()),
});
export type ReferencePreview = z.infer<typeof ReferencePreview>;

const Place = z.object({ model: ModelName, version: Version });
/** Columns of a file with the score and the label, for the performance on the reference and for CBPE. */
const Scored = z.object({ scoreColumn: z.string().optional(), labelColumn: z.string().optional() });
/** Of a run's artifacts. */
const RunFile = Place.extend({ path: z.string().max(1000) });

export const references = {
  list: oc.input(Place).output(z.array(Reference)),
  /** Parquet or CSV. */
  preview: oc.input(Place.extend({ uploadId: Id })).output(ReferencePreview),
  fromFile: oc
    .input(Place.extend({ uploadId: Id, title: z.string().max(200).default('') }).extend(Scored.shape))
    .output(Reference),
  fromWindow: oc
    .input(
      z.object({
        endpoint: Name,
        version: Version,
        fromMs: Millis,
        toMs: Millis,
        title: z.string().max(200).default(''),
      }),
    )
    .output(Reference),
  /** Of the run that made the version: the dataset logged to it, where its file is a Parquet or CSV artifact. */
  fromRun: oc.input(RunFile.extend(Scored.shape)).output(Reference),
  previewRun: oc.input(RunFile).output(ReferencePreview),
  /** Files of the version's run that could be one. */
  runFiles: oc.input(Place).output(z.array(z.object({ path: z.string(), bytes: z.int() }))),
  activate: oc.input(z.object({ id: Id })).output(Reference),
  /** The one that froze the grid stays. */
  remove: oc.input(z.object({ id: Id })).output(z.object({ removed: z.boolean() })),
};
