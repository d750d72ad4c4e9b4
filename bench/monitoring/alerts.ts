/** What a pass over alert rules takes, and for how long it keeps the engine's thread at a stretch. */
import { AlertRuleInput } from '../../src-main/contract/alerts.ts';
import { createAlertsArea } from '../../src-main/engine/areas/alerts/index.ts';
import { createMonitoringService } from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import { planOf } from '../../src-main/engine/areas/monitoring/plans.ts';
import { openTestContext } from '../../src-main/engine/testing.ts';
import { holds } from '../lib/holds.ts';
import { tell } from '../lib/report.ts';
import { DAYS, END, FEATURES, fillPanes } from './panes.ts';
import { depsOf, ENDPOINT, factsOf } from './world.ts';

/** The engine's budget for one turn. */
const LIMIT_MS = 10;
const PASSES = 8;

/** Twenty on each input, by the hour and by the day; some fire on every input, most on none. */
const rules = (): AlertRuleInput[] =>
  (['hour', 'day'] as const).flatMap((per) => {
    const rule = (name: string, series: object, condition: object) =>
      AlertRuleInput.parse({ endpoint: ENDPOINT, name: `${name} by ${per}`, series, per, condition });
    const above = (value: number) => ({ kind: 'threshold', direction: 'above', value });
    const drift = (method: string) => ({ of: 'drift', feature: '*', method: `lathe.${method}.frozen@1` });
    const quality = (measure: string) => ({ of: 'quality', feature: '*', measure });
    const change = (from: string) => ({ kind: 'change', from, direction: 'up', by: 1, relative: true });
    return [
      rule('PSI', drift('psi'), above(0.25)),
      rule('small PSI', drift('psi'), above(1e-6)),
      rule('JS', drift('js'), above(0.3)),
      rule('KS', drift('ks'), above(0.3)),
      rule('chi-square', drift('chi2'), { kind: 'threshold', direction: 'below', value: 1e-300 }),
      rule('missing', quality('missing'), change('reference')),
      rule('unseen', quality('out-of-range'), change('week-before')),
      rule('wrong types', quality('wrong-type'), {
        ...{ kind: 'burn-rate', objective: 0.99, rate: 2 },
        ...{ longWindows: per === 'hour' ? 72 : 28, shortWindows: 1 },
      }),
      rule('mean', { of: 'mean', feature: '*' }, change('previous')),
      rule('share', { of: 'drifted-share' }, above(0.499)),
    ];
  });

export async function alerts(): Promise<void> {
  const context = await openTestContext();
  context.clock.set(END);
  const facts = factsOf(FEATURES);
  fillPanes(context, planOf(facts));
  const deps = depsOf(facts);
  const monitoring = createMonitoringService(context, deps);
  const { endpoints } = deps as unknown as { endpoints: Parameters<typeof createAlertsArea>[1]['endpoints'] };
  const area = createAlertsArea(context, {
    ...{ endpoints, series: monitoring.series, drift: monitoring.drift, feature: monitoring.feature },
    ...{
      sliceRows: async () => [],
      sliceEstimates: async () => [],
      sliceScores: async () => [],
      sliceName: async () => null,
      isRegression: () => false,
    },
    ...{ history: () => [], versions: () => [], references: () => [], activities: () => [] },
  });
  const made = rules();
  for (const rule of made) await area.alerts.createRule(rule);
  const rows: (string | number)[][] = [];
  const measure = async (what: string) => {
    const began = performance.now();
    const found = (await holds(() => area.judge(), 1)).toSorted((left, right) => right - left);
    const over = found.filter((ms) => ms > LIMIT_MS).length;
    const open = area.alerts.list({ state: 'open', limit: 1 }).open;
    rows.push([what, open, Math.round(performance.now() - began), (found[0] ?? 0).toFixed(1), over]);
  };
  await measure('first pass, 90 days');
  for (let pass = 1; pass < PASSES; pass++) await measure('again');
  await area.close();
  monitoring.close();
  await context.close();
  tell({
    name: 'monitoring-alerts',
    columns: ['pass', 'open alerts', 'took, ms', 'longest turn, ms', `turns over ${LIMIT_MS} ms`],
    rows,
    notes: [
      `${FEATURES} inputs × ${made.length} rules, ${DAYS} days; a turn is the thread's own time between two turns of the event loop`,
      'the kernel counts that time in steps of up to 4 ms; the first passes compile, and the plan of the version is made',
    ],
    data: { rows },
  });
}
