/** Where things come from and what came of them: datasets, runs, logged models, versions, endpoints. */
import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, ModelName, Version } from './common.ts';

export const LineageKind = z.enum(['dataset', 'run', 'logged-model', 'version', 'endpoint']);
export type LineageKind = z.infer<typeof LineageKind>;

/** What is known of a thing beside its name: the commit of a run, the hash of a dataset. */
export const LineageFact = z.object({ label: z.string(), value: z.string() });

export const LineageNode = z.object({
  id: z.string(),
  kind: LineageKind,
  title: z.string(),
  subtitle: z.string(),
  /** Route of the UI that shows it. */
  href: z.string().nullable(),
  facts: z.array(LineageFact),
  /** How many things it stands for: alike and not leading further, they are one node. Else 1. */
  count: z.int(),
  /** One that the walk began at. */
  start: z.boolean(),
});
export type LineageNode = z.infer<typeof LineageNode>;

export const Lineage = z.object({
  nodes: z.array(LineageNode),
  /** From what is used to what came of it. */
  edges: z.array(z.object({ from: z.string(), to: z.string(), label: z.string() })),
  /** There is more than is walked at once. */
  cut: z.boolean(),
});
export type Lineage = z.infer<typeof Lineage>;

export const LineageStart = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dataset'), id: Id }),
  z.object({ kind: z.literal('run'), id: Id }),
  /** All its versions. */
  z.object({ kind: z.literal('model'), name: ModelName }),
  z.object({ kind: z.literal('version'), name: ModelName, version: Version }),
  z.object({ kind: z.literal('endpoint'), name: z.string().max(200) }),
]);
export type LineageStart = z.infer<typeof LineageStart>;

const Steps = z.int().min(0).max(12);

export const lineage = {
  /** Walks from the start up to its sources and down to what came of it, so many steps each. */
  graph: oc
    .input(
      z.object({
        start: LineageStart,
        up: Steps.default(8),
        down: Steps.default(8),
        /** Show things one by one that would be one node, as far as that can be drawn. */
        spread: z.boolean().default(false),
      }),
    )
    .output(Lineage),
};
