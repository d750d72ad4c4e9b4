/** What asks for a person, worst first. Pure: the facts come from the areas that know them. */
import type { ModelVersion } from '../../../contract/models.ts';
import type { FeatureDrift } from '../../../contract/monitoring.ts';
import type { Attention } from '../../../contract/overview.ts';
import type { ReplayStatus } from '../../../contract/replay.ts';
import type { Endpoint } from '../../../contract/serving.ts';
import type { Service } from '../../../contract/workspace.ts';
import { type CohortRow, PREDICTION_FEATURE, wilson } from '../monitoring/index.ts';

export type OverviewFacts = {
  services: Pick<Service, 'id' | 'title' | 'state' | 'startedMs' | 'error'>[];
  endpoints: Endpoint[];
  runnerMissing: boolean;
  drift: { endpoint: string; features: FeatureDrift[] }[];
  quality: { endpoint: string; model: string; cohorts: CohortRow[] }[];
  versionMetrics: (model: string, version: string) => ModelVersion['metrics'] | null;
  replay: ReplayStatus;
  losses: { dropped: number; sampledOut: number; reused: number; labels: number };
  freeBytes: number | null;
};

const LOW_DISK_BYTES = 1024 ** 3;
/** Windows that the present accuracy is taken over, as drift is: single days scatter. */
const QUALITY_WINDOWS = 7;
const LEVELS: Attention['level'][] = ['critical', 'warning', 'info'];

export function attentionOf(facts: OverviewFacts): Attention[] {
  const all = [
    ...facts.services.flatMap(ofService),
    ...ofRunner(facts),
    ...facts.endpoints.flatMap(ofEndpoint),
    ...facts.drift.flatMap(({ endpoint, features }) => ofDrift(endpoint, features)),
    ...facts.quality.flatMap((quality) => ofQuality(quality, facts.versionMetrics)),
    ...ofReplay(facts.replay),
    ...ofLosses(facts.losses),
    ...ofDisk(facts.freeBytes),
  ];
  return all.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

const item = (
  part: Partial<Attention> & Pick<Attention, 'id' | 'level' | 'title' | 'detail'>,
): Attention => ({
  href: null,
  sinceMs: null,
  error: null,
  ...part,
});

function ofService(service: OverviewFacts['services'][number]): Attention[] {
  const { id, title, state, startedMs, error } = service;
  if (error)
    return [
      item({
        id: `service-error:${id}`,
        level: 'critical',
        title: error.cause,
        detail: error.remedy,
        href: error.code === 'LATHE_SERVING_PORT_IN_USE' ? '/settings' : '/activity',
        error,
      }),
    ];
  if (state === 'failed')
    return [
      item({
        id: `service:${id}`,
        level: 'critical',
        title: `${title} keeps stopping`,
        detail:
          'It is not started again by itself. Quit Lathe and open it again; Activity says how it ended.',
        href: '/activity',
        sinceMs: startedMs,
      }),
    ];
  if (state === 'restarting')
    return [
      item({
        id: `service:${id}`,
        level: 'warning',
        title: `${title} is being restarted`,
        detail: 'It stopped unexpectedly. What it did is resumed as soon as it is back.',
        href: '/activity',
      }),
    ];
  return [];
}

function ofRunner({ runnerMissing, endpoints }: OverviewFacts): Attention[] {
  if (!runnerMissing || !endpoints.some(({ enabled }) => enabled)) return [];
  return [
    item({
      id: 'runner-missing',
      level: 'critical',
      title: 'No runner is connected',
      detail: 'The gateway answers 503 for every model until the process that runs them is back.',
      href: '/serving',
    }),
  ];
}

const ofEndpoint = (endpoint: Endpoint): Attention[] =>
  endpoint.arms.flatMap((arm) =>
    arm.state === 'failed'
      ? [
          item({
            id: `arm:${endpoint.name}:${arm.key}`,
            level: arm.weight > 0 ? 'critical' : 'warning',
            title: `${endpoint.name}: arm ${arm.key} (version ${arm.version}) does not load`,
            detail: arm.error?.cause ?? 'The runner could not load this version.',
            href: `/serving/${endpoint.name}`,
            error: arm.error,
          }),
        ]
      : [],
  );

/** One entry an endpoint, not one a feature: what moved belongs together. */
function ofDrift(endpoint: string, features: readonly FeatureDrift[]): Attention[] {
  const at = (level: string) => features.filter(({ latest }) => latest?.level === level);
  const large = at('large');
  const moderate = at('moderate');
  const names = [...large, ...moderate]
    .sort((a, b) => (b.latest?.value ?? 0) - (a.latest?.value ?? 0))
    .map(({ feature }) => (feature === PREDICTION_FEATURE ? 'the predictions themselves' : feature));
  if (names.length === 0) return [];
  const sinceMs = [...large, ...moderate][0]?.latestWindowMs ?? null;
  const more = names.length > 4 ? ` and ${names.length - 4} more` : '';
  return [
    item({
      id: `drift:${endpoint}`,
      level: large.length > 0 ? 'warning' : 'info',
      title: `${endpoint}: ${names.length} of ${features.length} features have drifted`,
      detail: `Against the training data: ${names.slice(0, 4).join(', ')}${more}.`,
      href: `/monitoring/${endpoint}`,
      sinceMs,
    }),
  ];
}

/** Below what validation promised, by more than chance: the whole 95 % interval lies below it. */
function ofQuality(
  { endpoint, model, cohorts }: OverviewFacts['quality'][number],
  versionMetrics: OverviewFacts['versionMetrics'],
): Attention[] {
  const mature = cohorts.filter((row) => row.mature);
  const arms = Map.groupBy(mature, (row) => `${row.arm}@${row.version}`);
  return [...arms.values()].flatMap((rows) => {
    const recent = rows.slice(-QUALITY_WINDOWS);
    const { arm, version, windowMs } = recent.at(-1) as CohortRow;
    const correct = recent.reduce((sum, row) => sum + row.right, 0);
    const judged = recent.reduce((sum, row) => sum + row.judged, 0);
    const expected = versionMetrics(model, version)?.accuracy;
    const interval = wilson(correct, judged);
    if (expected === undefined || !interval || interval.high >= expected) return [];
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    return [
      item({
        id: `accuracy:${endpoint}:${arm}`,
        level: 'warning' as const,
        title: `${endpoint}: ${arm} is less accurate than in validation`,
        detail: `${percent(correct / judged)} (${percent(interval.low)} to ${percent(interval.high)}) over ${judged} labelled rows, against ${percent(expected)}.`,
        href: `/monitoring/${endpoint}`,
        sinceMs: windowMs,
      }),
    ];
  });
}

function ofReplay({ state, error }: ReplayStatus): Attention[] {
  if (state !== 'failed' || !error) return [];
  const { cause: title, remedy: detail } = error;
  return [item({ id: 'replay', level: 'warning', title, detail, href: '/monitoring', error })];
}

function ofLosses({ dropped, sampledOut, reused, labels }: OverviewFacts['losses']): Attention[] {
  const found: Attention[] = [];
  if (dropped > 0)
    found.push(
      item({
        id: 'log-dropped',
        level: 'warning',
        title: `${dropped} predictions were served but not logged`,
        detail: 'The gateway could not hold more while the engine was away or its disk was full.',
        href: '/monitoring',
      }),
    );
  if (sampledOut > 0)
    found.push(
      item({
        id: 'log-sampled',
        level: 'info',
        title: `${sampledOut} predictions were served but not counted`,
        detail:
          'Above 5 million feature values a second a fair sample of the requests is counted; shares and means stay true.',
        href: '/monitoring',
      }),
    );
  if (reused > 0)
    found.push(
      item({
        id: 'log-reused',
        level: 'warning',
        title: `${reused} predictions had an id that was already used`,
        detail: 'Only the first of each is logged. Send a fresh request id each time, or none at all.',
        href: '/monitoring',
      }),
    );
  if (labels > 0)
    found.push(
      item({
        id: 'labels-lost',
        level: 'warning',
        title: `${labels} ${labels === 1 ? 'label' : 'labels'} waited for a prediction and could not be of it`,
        detail:
          'They came before their predictions, so that nobody could be told. Send labels that fit the model: 1 or 0, or a number.',
        href: '/monitoring',
      }),
    );
  return found;
}

function ofDisk(freeBytes: number | null): Attention[] {
  if (freeBytes === null || freeBytes >= LOW_DISK_BYTES) return [];
  return [
    item({
      id: 'disk',
      level: 'warning',
      title: `Only ${Math.round(freeBytes / 1024 ** 2)} MB are free on the workspace’s disk`,
      detail:
        'When it is full, predictions and runs cannot be saved. Free some space, or shorten the retention.',
      href: '/settings',
    }),
  ];
}
