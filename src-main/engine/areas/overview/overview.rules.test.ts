import { describe, expect, it } from 'vitest';
import { LatheError } from '../../../contract/errors.ts';
import type { FeatureDrift } from '../../../contract/monitoring.ts';
import type { ReplayStatus } from '../../../contract/replay.ts';
import type { Endpoint } from '../../../contract/serving.ts';
import type { CohortRow } from '../monitoring/index.ts';
import { attentionOf, type OverviewFacts } from './overview.rules.ts';

const replay: ReplayStatus = {
  state: 'running',
  endpoint: 'e',
  source: 's',
  fromMs: 0,
  nowMs: 1,
  toMs: 2,
  speed: 1,
  sent: 0,
  failed: 0,
  labels: 0,
  total: 1,
  requestsPerSecond: 0,
  error: null,
};
const endpoint: Endpoint = {
  name: 'e',
  model: 'm',
  arms: [{ key: 'a', version: '1', weight: 10_000, state: 'ready', error: null, serving: '1' }],
  sticky: { kind: 'unit' },
  mode: { kind: 'fixed' },
  shadow: null,
  canary: null,
  logging: true,
  enabled: true,
  revision: 1,
  createdMs: 0,
  updatedMs: 0,
  url: null,
};
const calm: OverviewFacts = {
  services: [{ id: 'gateway', title: 'Inference gateway', state: 'running', startedMs: 1, error: null }],
  endpoints: [endpoint],
  runnerMissing: false,
  drift: [],
  quality: [],
  versionMetrics: () => ({ accuracy: 0.8 }),
  replay,
  losses: { dropped: 0, sampledOut: 0, reused: 0, labels: 0 },
  freeBytes: 50 * 1024 ** 3,
};
const ids = (part: Partial<OverviewFacts>) =>
  attentionOf({ ...calm, ...part }).map(({ level, id }) => `${level} ${id}`);
const drifted = (
  feature: string,
  level: 'stable' | 'moderate' | 'large' | 'too-few',
  value: number,
): FeatureDrift => ({
  feature,
  kind: 'numeric',
  latest: { method: 'x', value, n: 1000, minN: 300, level },
  latestWindowMs: 9,
  trend: [],
  missingShare: 0,
  referenceMissingShare: 0,
});
/** Ten labelled days of 200 rows, `right` of them right. */
const days = (right: number, labelled = 200): CohortRow[] =>
  Array.from({ length: 10 }, (_, at) => ({
    windowMs: at,
    arm: 'a',
    version: '1',
    predictions: 200,
    labelled,
    judged: labelled,
    right,
    scored: labelled,
    mature: labelled >= 160,
    tp: 0,
    tn: right,
    fp: labelled - right,
    fn: 0,
    logLoss: 0,
  }));

describe('attention', () => {
  it('is asked for by nothing when all is well', () => {
    expect(attentionOf(calm)).toEqual([]);
    expect(
      ids({
        drift: [{ endpoint: 'e', features: [drifted('x', 'stable', 0.01), drifted('y', 'too-few', 3)] }],
      }),
    ).toEqual([]);
    expect(ids({ quality: [{ endpoint: 'e', model: 'm', cohorts: days(160) }] })).toEqual([]);
  });

  it('puts the worst first and leads to the place where it is mended', () => {
    const error = new LatheError('LATHE_SERVING_PORT_IN_USE', {
      port: 8000,
      service: 'Inference over HTTP',
    }).report();
    const all = attentionOf({
      ...calm,
      services: [{ id: 'gateway', title: 'Inference gateway', state: 'running', startedMs: 1, error }],
      drift: [
        { endpoint: 'e', features: [drifted('x', 'large', 0.6), drifted('$prediction', 'moderate', 0.2)] },
      ],
      freeBytes: 5_000_000,
    });
    expect(all.map(({ id }) => id)).toEqual(['service-error:gateway', 'drift:e', 'disk']);
    expect(all[0]).toMatchObject({ level: 'critical', href: '/settings', title: error.cause, error });
    expect(all[1]).toMatchObject({ href: '/monitoring/e', title: 'e: 2 of 2 features have drifted' });
    expect(all[1]?.detail).toBe('Against the training data: x, the predictions themselves.');
  });

  it('names services that are down, arms that do not load, and a runner that is away', () => {
    const service = calm.services[0] as OverviewFacts['services'][number];
    expect(ids({ services: [{ ...service, state: 'failed' }] })).toEqual(['critical service:gateway']);
    expect(ids({ services: [{ ...service, state: 'restarting' }] })).toEqual(['warning service:gateway']);
    expect(ids({ runnerMissing: true })).toEqual(['critical runner-missing']);
    expect(ids({ runnerMissing: true, endpoints: [] })).toEqual([]);
    const arm = { key: 'a', version: '1', weight: 0, state: 'failed' as const, error: null, serving: null };
    expect(ids({ endpoints: [{ ...endpoint, arms: [arm] }] })).toEqual(['warning arm:e:a']);
  });

  it('tells of moderate drift without alarm', () => {
    expect(ids({ drift: [{ endpoint: 'e', features: [drifted('x', 'moderate', 0.15)] }] })).toEqual([
      'info drift:e',
    ]);
  });

  it('finds an accuracy below validation only when chance cannot explain it and the labels are in', () => {
    const quality = (cohorts: CohortRow[]) => ({ quality: [{ endpoint: 'e', model: 'm', cohorts }] });
    expect(ids(quality(days(140)))).toEqual(['warning accuracy:e:a']);
    // 78.9 % of 1,400 rows is below 80 %, but within what chance does.
    expect(ids(quality(days(158)))).toEqual([]);
    expect(ids(quality(days(60, 120)))).toEqual([]);
    expect(ids({ ...quality(days(140)), versionMetrics: () => null })).toEqual([]);
  });

  it('says when predictions could not be logged, and why', () => {
    expect(ids({ losses: { dropped: 3, sampledOut: 4, reused: 2, labels: 1 } })).toEqual([
      'warning log-dropped',
      'warning log-reused',
      'warning labels-lost',
      'info log-sampled',
    ]);
  });
});
