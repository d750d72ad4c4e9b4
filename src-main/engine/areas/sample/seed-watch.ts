/** What the sample watches beside what every endpoint has: references with raw rows, slices, a rule and a business metric. */
import { join } from 'node:path';
import type { AreaContext } from '../../context.ts';
import type { AlertsService } from '../alerts/index.ts';
import type { BusinessMetricsService } from '../business-metrics/index.ts';
import type { References } from '../references/index.ts';
import type { SliceService } from '../slices/index.ts';
import { MINUTES_LATE, SAMPLE_NAME, SAMPLE_SLICES, type Sample, sampleRule } from './sample.rules.ts';

export type WatchDeps = {
  references: Pick<References, 'list' | 'fromShipped'>;
  slices: Pick<SliceService, 'list' | 'create'>;
  alerts: Pick<AlertsService, 'rules' | 'createRule'>;
  businessMetrics: Pick<BusinessMetricsService, 'list' | 'define' | 'pushReplayed'>;
};

const TRAINING = 'Training flights, row by row';
const HELD_OUT = 'Held-out flights with scores and labels';

/**
 * Raw rows of what the version was registered with: of the training window, so that exact scores can be computed, and of
 * the window after it, with the version's scores and the labels, so that its quality there is known. The profile that
 * froze the grid stays the active one. `version`: as registered; `number`: as the sample has it.
 */
export async function seedReferences(
  context: AreaContext,
  references: WatchDeps['references'],
  sample: Sample,
  { version, number }: { version: string; number: string },
): Promise<void> {
  const present = new Set(references.list(SAMPLE_NAME, version).map(({ title }) => title));
  const { fromMs, toMs } = sample.metrics.train;
  const file = (name: string) => ({ path: join(context.paths.resources, 'sample', name), name });
  const between = { column: 'scheduled_ms', from: fromMs, to: toMs };
  if (!present.has(TRAINING))
    await references.fromShipped(SAMPLE_NAME, version, {
      ...{ kind: 'training-run', title: TRAINING, sourceText: 'flights.parquet' },
      source: { kind: 'file', file: file('flights.parquet'), between },
    });
  if (!present.has(HELD_OUT))
    await references.fromShipped(SAMPLE_NAME, version, {
      ...{ kind: 'file', title: HELD_OUT, sourceText: 'held-out.parquet' },
      source: { kind: 'file', file: file('held-out.parquet') },
      ...{ scoreColumn: `score_${number}`, labelColumn: 'delayed' },
    });
}

export async function seedWatch({ slices, alerts, businessMetrics }: WatchDeps): Promise<void> {
  const present = new Map(slices.list(SAMPLE_NAME).map(({ name, id }) => [name, id]));
  for (const { name, conditions } of SAMPLE_SLICES)
    if (!present.has(name)) {
      const { id } = slices.create({ endpoint: SAMPLE_NAME, name, conditions });
      present.set(name, id);
    }
  const rule = sampleRule(present.get(SAMPLE_SLICES[0]?.name ?? '') ?? '');
  if (!(await alerts.rules(SAMPLE_NAME)).some(({ name }) => name === rule.name))
    await alerts.createRule(rule);
  const metrics = await businessMetrics.list(SAMPLE_NAME);
  if (!metrics.some(({ name }) => name === MINUTES_LATE.name)) await businessMetrics.define(MINUTES_LATE);
}
