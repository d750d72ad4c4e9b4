/** The monitoring part of `lathe demo`: six weeks of flights are played, and what moved, why and where is asked for. */
import type { Alert } from '../contract/alerts.ts';
import type { FeatureDrift } from '../contract/monitoring.ts';
import type { PerformanceMetric, SeriesPoint } from '../contract/monitoring-series.ts';
import { check, type DemoContext, percent, SAMPLE, until } from './demo-lib.ts';

const AT = { endpoint: SAMPLE };
/** Into the days of April 2013 in which New York's delays doubled; the models know winter only. */
const PLAY_TO_MS = Date.UTC(2013, 3, 26, 12);
const FASTEST = 172_800;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Labels come so long after the flight has landed. */
const LABELS_AFTER_MS = 2 * HOUR_MS;

export const MONITORING_STEPS: readonly { name: string; run(context: DemoContext): Promise<string> }[] = [
  { name: 'replay', run: replay },
  { name: 'drift', run: drift },
  { name: 'prediction', run: predictionDrift },
  { name: 'labels', run: labels },
  { name: 'accuracy', run: accuracy },
  { name: 'estimate', run: estimate },
  { name: 'slices', run: slices },
  { name: 'business', run: business },
  { name: 'a/b', run: abTest },
  { name: 'alerts', run: alerts },
  { name: 'evidence', run: evidence },
  { name: 'report', run: report },
];

async function replay(context: DemoContext): Promise<string> {
  const { rpc } = context;
  await rpc.replay.setSpeed({ speed: FASTEST });
  let status = await rpc.replay.status();
  const howFar = () =>
    `flights up to ${day(PLAY_TO_MS)}, of which those up to ${day(status.nowMs)} are played, ${status.sent} in all`;
  await until(howFar, async () => {
    status = await rpc.replay.status();
    return status.nowMs !== null && status.nowMs >= PLAY_TO_MS ? true : null;
  });
  status = await rpc.replay.pause();
  check(status.failed === 0, `${status.failed} requests failed`);
  // What is answered is logged a moment later.
  let logged = 0;
  await until(
    () => `${status.sent} flights in the log, which has ${logged}`,
    async () => {
      const seen = (await rpc.monitoring.overview()).find(({ endpoint }) => endpoint === SAMPLE);
      logged = seen?.predictions ?? 0;
      return logged === status.sent ? true : null;
    },
  );
  return `${status.sent} flights from ${day(status.fromMs)} to ${day(status.nowMs)}, none failed, every one logged`;
}

/** The newest of a feature's days, and since when it has been drifted without a break. */
function sinceOf({ trend }: FeatureDrift): number | null {
  let since: number | null = null;
  for (const { windowMs, level } of trend.toReversed()) {
    if (level !== 'large') break;
    since = windowMs;
  }
  return since;
}

async function drift(context: DemoContext): Promise<string> {
  const features = await until('a drift score', async () => {
    const found = await context.rpc.monitoring.drift(AT);
    return found.some(({ latest }) => latest?.level === 'large') ? found : null;
  });
  const inputs = features.filter(({ kind }) => kind !== 'prediction');
  const scored = inputs.flatMap((each) => (each.latest ? [{ ...each, latest: each.latest }] : []));
  const [worst] = scored.toSorted((a, b) => b.latest.value - a.latest.value);
  if (!worst) throw new Error('no feature has a score');
  const since = sinceOf(worst);
  const days = since === null ? 0 : ((worst.latestWindowMs ?? 0) - since) / DAY_MS + 1;
  check(worst.feature === 'temp', `${worst.feature} drifted most, and not the temperature`);
  check(days >= 14, `it has drifted for ${days} days only`);
  const carrier = scored.find(({ feature }) => feature === 'carrier');
  check(carrier?.latest.level === 'stable', 'the airlines are not stable');
  const stable = scored.filter(({ latest }) => latest.level === 'stable').length;
  return `${worst.feature} drifted most: ${worst.latest.method} ${worst.latest.value.toFixed(2)} over ${worst.latest.n} flights, large on ${days} days running since ${day(since)}; ${stable} of ${scored.length} stable`;
}

async function predictionDrift({ rpc }: DemoContext): Promise<string> {
  const found = (await rpc.monitoring.drift(AT)).find(({ kind }) => kind === 'prediction');
  check(found?.latest?.level === 'large', `the predictions are ${found?.latest?.level ?? 'not scored'}`);
  const mean = await rpc.monitoring.series({ ...AT, series: { of: 'mean', feature: '$prediction' } });
  const last = newest(mean.points);
  return `large since ${day(found ? sinceOf(found) : null)}, ${found?.latest?.value.toFixed(2)}: the mean score is ${last?.value?.toFixed(3)}, on the reference ${mean.reference?.toFixed(3)}`;
}

async function labels(context: DemoContext): Promise<string> {
  const { rpc } = context;
  let mature = 0;
  const maturity = await until(
    () => `30 days with their labels, of which there are ${mature}`,
    async () => {
      const found = await rpc.labels.maturity(AT);
      mature = found.cohorts.filter((each) => each.mature).length;
      return mature >= 30 ? found : null;
    },
  );
  const { p50Ms, p90Ms, cohorts } = maturity;
  check(p50Ms !== null && p90Ms !== null, 'nothing is known of their delay');
  const [first] = maturity.delay.filter(({ share }) => share > 0);
  // No flight lands at once, so that no label can be there after two hours.
  check((first?.afterMs ?? 0) > LABELS_AFTER_MS, 'a label came sooner than two hours after the departure');
  const labelled = cohorts.reduce((sum, each) => sum + each.labelled, 0);
  const all = cohorts.reduce((sum, each) => sum + each.predictions, 0);
  check(labelled <= all, 'there are more labels than predictions');
  return `${labelled} of ${all} have theirs, half after ${hours(p50Ms)} and nine tenths after ${hours(p90Ms)}: the flight, and two hours more; ${mature} of ${cohorts.length} days mature`;
}

async function accuracy({ rpc }: DemoContext): Promise<string> {
  const arms = await until('the accuracy of both arms', async () => {
    const { arms: found } = await rpc.monitoring.performance(AT);
    return found.length === 2 && found.every(({ labelled }) => labelled > 200) ? found : null;
  });
  return arms
    .map(({ arm, version, accuracy: value, accuracyLow, accuracyHigh, labelled }) => {
      check(value !== null && value > 0.5 && value < 1, `${arm} has accuracy ${value}`);
      return `${arm} (version ${version}) ${percent(value ?? 0)} [${percent(accuracyLow ?? 0)}, ${percent(accuracyHigh ?? 0)}] of ${labelled}`;
    })
    .join('; ');
}

/** Estimated without labels beside what the labels say, over the same days. */
async function estimate({ rpc }: DemoContext): Promise<string> {
  const metric: PerformanceMetric = 'accuracy';
  const [guessed, real] = await Promise.all([
    rpc.monitoring.series({ ...AT, series: { of: 'estimated', metric } }),
    rpc.monitoring.series({ ...AT, series: { of: 'performance', metric } }),
  ]);
  const last = newest(real.points);
  const same = guessed.points.find(({ windowMs }) => windowMs === last?.windowMs);
  check(real.reference !== null, 'the accuracy on the held-out flights is not known');
  check(same?.value != null && last?.value != null, 'nothing was estimated for the newest week');
  const band = `[${percent(same?.low ?? 0)}, ${percent(same?.high ?? 0)}]`;
  const outside = (last?.value ?? 0) < (same?.low ?? 0) ? ', below its band' : '';
  return `week to ${day(last?.windowMs ?? null)}: estimated ${percent(same?.value ?? 0)} ${band}, realised ${percent(last?.value ?? 0)}${outside}; on held-out flights ${percent(real.reference ?? 0)}`;
}

async function slices({ rpc }: DemoContext): Promise<string> {
  const rows = await rpc.slices.compare(AT);
  const own = rows.filter(({ slice }) => slice !== null);
  check(own.length === 3, `${own.length} slices instead of 3`);
  const worst = own
    .filter(({ value, before }) => value !== null && before !== null)
    .toSorted((a, b) => (a.value ?? 0) - (a.before ?? 0) - ((b.value ?? 0) - (b.before ?? 0)))[0];
  if (!worst) throw new Error('no slice has two weeks with labels');
  const fell = (worst.before ?? 0) - (worst.value ?? 0);
  check(fell > 0.1, `accuracy fell by ${percent(fell)} at most`);
  const evening = own.find(({ slice }) => slice?.name === 'Evening departures');
  check(evening?.apart === true, 'evening departures are not told apart from the rest');
  const parts = own.map(
    ({ slice, value, rest, before, labelled }) =>
      `${slice?.name} ${percent(value ?? 0)} of ${labelled} (rest ${percent(rest ?? 0)}, week before ${percent(before ?? 0)})`,
  );
  return `accuracy fell most in “${worst.slice?.name}”: ${parts.join('; ')}`;
}

async function business(context: DemoContext): Promise<string> {
  const { rpc } = context;
  const metric = await until('the business metric', async () => {
    const [found] = await rpc.businessMetrics.list(AT);
    return found && found.points >= 30 ? found : null;
  });
  const correlation = await rpc.businessMetrics.correlation({
    query: { ...AT, series: { of: 'performance', metric: 'accuracy' }, per: 'day' },
    metric: metric.name,
    maxLag: 7,
  });
  check(correlation.warnings.length > 0, 'the correlation came without a warning');
  const { points } = await rpc.monitoring.series({ ...AT, series: { of: 'business', metric: metric.name } });
  const worst = points.toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))[0];
  const best = correlation.best;
  return `“${metric.name}”: ${metric.points} days, ${hours(metric.lagMs ?? 0)} after their beginning; worst ${worst?.value?.toFixed(1)} min on ${day(worst?.windowMs ?? null)}; with accuracy r ${best?.r.toFixed(2)} at lag ${best?.lag}, p ${best?.p.toFixed(3)}`;
}

async function abTest({ rpc }: DemoContext): Promise<string> {
  const result = await rpc.abTests.result(AT);
  if (!result) throw new Error('no test is running');
  const { ratio } = result;
  check(ratio !== null && !ratio.alarm, `the split is not what the weights say (p ${ratio?.p})`);
  check(
    result.arms.every(({ n }) => n > 1_000),
    'an arm has too few labels',
  );
  const [effect] = result.effects;
  check(effect?.effect != null, 'no difference could be told');
  const points = (value: number | null | undefined) => `${(100 * (value ?? 0)).toFixed(2)}`;
  return `${result.verdict.title} ${effect?.arm} − ${result.baseline}: ${points(effect?.effect)} points [${points(effect?.low)}, ${points(effect?.high)}], ${effect?.units} units, split p ${ratio.p.toFixed(2)}`;
}

const isOf = (alert: Alert, of: string, feature?: string): boolean =>
  alert.series.of === of &&
  (feature === undefined || ('feature' in alert.series && alert.series.feature === feature));

async function alerts(context: DemoContext): Promise<string> {
  const { rpc } = context;
  let there = '';
  const found = await until(
    () => `alerts of drift, prediction, accuracy and the slice${there}`,
    async () => {
      const { alerts: all } = await rpc.alerts.list({ ...AT, state: 'all', limit: 200 });
      const wanted = [
        all.some((alert) => isOf(alert, 'drift', 'temp') && alert.state === 'firing'),
        all.some((alert) => isOf(alert, 'drift', '$prediction') && alert.state === 'firing'),
        all.some((alert) => isOf(alert, 'performance') && alert.severity === 'critical'),
        all.some((alert) => isOf(alert, 'performance') && alert.slice !== null && alert.state === 'firing'),
      ];
      there = `, of which ${wanted.filter(Boolean).length} are among ${all.length}`;
      return wanted.every(Boolean) ? all : null;
    },
  );
  // Each thing is told once: no two alerts that are open are of the same rule and series.
  const firing = found.filter(({ state }) => state === 'firing');
  const things = new Set(firing.map(({ ruleId, series }) => `${ruleId} ${JSON.stringify(series)}`));
  check(things.size === firing.length, 'something is told twice');
  const silent = found.filter((alert) => isOf(alert, 'volume')).length;
  check(silent === 0, `${silent} alerts of silence, though the flights went on`);
  const words = firing.map(
    ({ title, windowMs }) => `${title.replace(` on ${SAMPLE}`, '')} (${day(windowMs)})`,
  );
  return `${found.length} in six weeks, open: ${words.join('; ')}`;
}

async function evidence({ rpc }: DemoContext): Promise<string> {
  const { alerts: all } = await rpc.alerts.list({ ...AT, state: 'all', limit: 200 });
  const alert = all.find((each) => isOf(each, 'performance') && each.slice !== null);
  if (!alert) throw new Error('there is no alert of the slice');
  const { evidence: found } = await rpc.alerts.get({ id: alert.id });
  const [feature] = found.features;
  check(feature !== undefined && feature.bins.length > 1, 'no feature stands beside its reference');
  check(found.slices.length === 3, `${found.slices.length} slices are in it`);
  check(found.arms.length === 2, `${found.arms.length} arms are in it`);
  const kinds = [...new Set(found.changes.map(({ kind }) => kind))];
  check(kinds.includes('route'), 'the change of the route is not in it');
  check(found.rollback !== null, 'there is nothing to roll back to');
  const arms = found.arms.map(({ arm, value }) => `${arm} ${percent(value ?? 0)}`);
  return `${alert.title}: ${feature?.feature} ${feature?.score.toFixed(2)} over ${feature?.bins.length} bins, ${arms.join(', ')}, lately ${kinds.join(', ')}; ${found.rollback?.says}`;
}

/** Exact scores of the newest week's raw rows against the raw training rows. */
async function report({ rpc }: DemoContext): Promise<string> {
  const references = await rpc.references.list({ model: SAMPLE, version: '1' });
  const training = references.find(({ kind, rawRows }) => kind === 'training-run' && rawRows > 0);
  if (!training) throw new Error('the raw training rows are not kept');
  const made = await rpc.driftReports.create({
    ...AT,
    reference: { kind: 'reference', id: training.id },
    current: { kind: 'window', fromMs: PLAY_TO_MS - 7 * DAY_MS, toMs: PLAY_TO_MS },
  });
  const temp = made.columns.find(({ column }) => column === 'temp');
  check(temp?.drifted === true, 'the temperature is not drifted');
  check(made.referenceRows === training.rawRows, `${made.referenceRows} training rows were read`);
  const { html } = await rpc.driftReports.html({ id: made.id });
  return `${made.currentRows} against ${made.referenceRows} rows: ${made.drifted} of ${made.columns.length} drifted, temp ${temp?.method} ${temp?.score?.toFixed(3)}; page of ${Math.round(html.length / 1024)} KiB, in ${Math.round(made.tookMs)} ms`;
}

/** The newest point that is over and has its labels. */
const newest = (points: readonly SeriesPoint[]): SeriesPoint | undefined =>
  points.findLast(({ complete, mature, value }) => complete && mature && value !== null);

const day = (ms: number | null): string => (ms === null ? 'never' : new Date(ms).toISOString().slice(0, 10));
const hours = (ms: number): string => `${(ms / HOUR_MS).toFixed(1)} h`;
