/**
 * Puts the sample into a workspace. Every step looks first whether it is done, so that a seeding that was
 * killed anywhere is finished at the next start, with nothing twice.
 */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { RunRow } from '../../../contract/experiments.ts';
import { routeOf } from '../../../contract/serving-route.ts';
import type { AreaContext } from '../../context.ts';
import { nextTurn } from '../../turns.ts';
import type { Activities } from '../activity/index.ts';
import type { Experiments } from '../experiments/index.ts';
import type { Models } from '../models/index.ts';
import type { ReplayService } from '../replay/index.ts';
import type { ServingService } from '../serving/index.ts';
import {
  readSample,
  SAMPLE_NAME,
  SAMPLE_NUMBERS,
  SAMPLE_SPLIT,
  type Sample,
  type SampleRun,
  versionReference,
} from './sample.rules.ts';
import { createSampleStore } from './sample.store.ts';
import { seedReferences, seedWatch, type WatchDeps } from './seed-watch.ts';

export type SampleDeps = WatchDeps & {
  activities: Activities;
  experiments: Experiments;
  models: Models;
  serving: Pick<ServingService, 'find' | 'createSplit' | 'setRoute'>;
  replay: Pick<ReplayService, 'status' | 'prepare' | 'start'>;
  /** Remembers that the sample is whole. */
  markSample(): void;
};

type Arm = keyof typeof SAMPLE_SPLIT;

const BATCH_POINTS = 1_000;

/** `wanted`: this workspace should have it. What was begun is finished in any case, what is done stays. */
export async function seedSample(context: AreaContext, deps: SampleDeps, wanted: boolean): Promise<void> {
  const store = createSampleStore(context.db);
  const state = store.state();
  if (state === 'done' || (state === 'absent' && !wanted)) return;
  store.begin();
  const spec = { kind: 'seed' as const, title: 'Set up the sample workspace', href: '/' };
  await deps.activities.run(spec, async ({ progress }) => {
    progress(0, 'Reading the sample');
    const sample = await readSample(context.paths.resources);
    const runIds = await seedRuns(deps.experiments, sample, (done, name) =>
      progress(0.05 + 0.65 * done, `Training run ${name}`),
    );
    progress(0.75, 'Registering two model versions');
    const versions = await seedVersions(context, deps.models, sample, runIds);
    // Before the endpoint: its first alert rules are made from what is known of its reference.
    progress(0.8, 'Reading what they were trained on');
    for (const [key, number] of Object.entries(SAMPLE_NUMBERS) as [Arm, string][])
      await seedReferences(context, deps.references, sample, { version: versions[key], number });
    progress(0.95, 'Serving them');
    seedEndpoint(deps.serving, versions);
    await seedWatch(deps);
    progress(0.98, 'Preparing the replay');
    await seedReplay(context, deps, sample);
    deps.markSample();
  });
  context.events.changed('experiments', 'models', 'serving', 'monitoring', 'replay', 'overview');
}

async function seedRuns(
  experiments: Experiments,
  sample: Sample,
  progress: (share: number, name: string) => void,
): Promise<Map<string, string>> {
  const experimentId = experiments.ensureExperiment(
    SAMPLE_NAME,
    'Will this flight arrive more than 15 minutes late? New York departures of January and February 2013.',
  );
  const { rows } = await experiments.runs(experimentId, 1_000);
  const present = new Map(rows.map((row) => [row.name, row]));
  const ids = new Map<string, string>();
  for (const [at, run] of sample.runs.entries()) {
    progress(at / sample.runs.length, run.name);
    ids.set(run.name, await seedRun(experiments, experimentId, sample, run, present.get(run.name)));
  }
  return ids;
}

/** A run that is there but not ended was cut off: logging the same points again changes nothing. */
async function seedRun(
  experiments: Experiments,
  experimentId: string,
  sample: Sample,
  run: SampleRun,
  present: RunRow | undefined,
): Promise<string> {
  if (present && present.status !== 'RUNNING') return present.id;
  const { name, startedMs } = run;
  const note = `Recorded by training/flights (${run.modelFamily}).`;
  const id = present?.id ?? experiments.createRun({ experimentId, name, startedMs, user: 'Lathe', note });
  experiments.log(id, { params: run.params, tags: { ...run.tags, 'model.family': run.modelFamily } });
  const { dataset, rows } = sample.reference;
  const profile = JSON.stringify(sample.reference.features);
  experiments.addDataset(id, { ...dataset, rows, profile, context: 'training' });
  for (let at = 0; at < run.metrics.length; at += BATCH_POINTS) {
    experiments.log(id, { metrics: run.metrics.slice(at, at + BATCH_POINTS) });
    await nextTurn();
  }
  experiments.endRun(id, 'FINISHED', run.endedMs);
  return id;
}

/** The registered number of each of the sample's versions: a model of that name may be there already. */
async function seedVersions(
  context: AreaContext,
  models: Models,
  sample: Sample,
  runIds: ReadonlyMap<string, string>,
): Promise<Record<Arm, string>> {
  const register = async (number: string, alias: string): Promise<string> => {
    const described = sample.metrics.models[number];
    if (!described) throw new Error(`the sample has no model ${number}`);
    const runId = runIds.get(described.run) ?? null;
    const known = models.list().some(({ name }) => name === SAMPLE_NAME)
      ? models.get(SAMPLE_NAME).versions.find((version) => version.runId === runId)
      : undefined;
    if (known) return known.version;
    const version = await models.register({
      model: SAMPLE_NAME,
      file: join(context.paths.resources, 'sample', described.file),
      temporary: false,
      fileName: described.file,
      description: `Predicts a delay above 15 minutes (${described.modelFamily}).`,
      runId,
      metrics: sample.metrics.validation.models[number] ?? {},
      reference: versionReference(sample, number),
      aliases: [alias],
      trusted: true,
    });
    return version.version;
  };
  const { champion, challenger } = SAMPLE_NUMBERS;
  return {
    champion: await register(champion, 'champion'),
    challenger: await register(challenger, 'challenger'),
  };
}

function seedEndpoint(serving: SampleDeps['serving'], versions: Record<Arm, string>): void {
  const champion = { key: 'champion', version: versions.champion };
  if (!serving.find(SAMPLE_NAME))
    serving.createSplit({
      ...{ name: SAMPLE_NAME, model: SAMPLE_NAME, reason: 'the sample: the champion alone' },
      arms: [{ ...champion, weight: SAMPLE_SPLIT.champion + SAMPLE_SPLIT.challenger }],
    });
  const endpoint = serving.find(SAMPLE_NAME);
  if (endpoint?.revision !== 1) return;
  // A route of its own, so that there is one to go back to.
  serving.setRoute({
    ...{ name: SAMPLE_NAME, revision: 1, reason: 'the sample: is the boosted model better?' },
    route: {
      ...routeOf(endpoint),
      arms: [
        { ...champion, weight: SAMPLE_SPLIT.champion },
        { key: 'challenger', version: versions.challenger, weight: SAMPLE_SPLIT.challenger },
      ],
    },
  });
}

/** The replay begins where the data that chose the models ends. */
async function seedReplay(context: AreaContext, deps: SampleDeps, sample: Sample): Promise<void> {
  if (deps.replay.status().state === 'empty') {
    const endpoint = deps.serving.find(SAMPLE_NAME);
    if (!endpoint) throw new Error('the sample’s endpoint is missing');
    const { sha256 } = await context.blobs.put(createReadStream(sample.parquet));
    const { fromMs, toMs, rows } = sample.metrics.replay;
    await deps.replay.prepare({
      endpointId: endpoint.id,
      source: sample.reference.dataset.name,
      blob: sha256,
      fromMs,
      toMs,
      nowMs: fromMs,
      total: rows,
    });
  }
  await deps.replay.start();
}
