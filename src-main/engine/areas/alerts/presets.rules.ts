/** Rules that an endpoint begins with, once there is a reference to compare with. Pure. */
import { AlertRuleInput } from '../../../contract/alerts.ts';
import { PREDICTION_FEATURE } from '../monitoring/index.ts';

/** `key` says which preset a rule was made from; it is stored. */
export type Preset = { key: string; rule: AlertRuleInput };

const LARGE_PSI = 0.25;
/** A limit has to be passed: this is passed by half of the inputs, and by nothing less up to five hundred of them. */
const ALMOST_HALF = 0.499;
/**
 * A day's drift and quality are taken over the week that ends with it, so that neighbours share most of their rows: a day
 * more or less decides nothing. Three new days of seven are news, and over is what was over as long.
 */
const LASTING = { forWindows: 3, keepWindows: 3 };

export type PresetFacts = {
  /** The model predicts a number, so that it has an error instead of an accuracy. */
  regression: boolean;
  /** What its quality is on the reference is known. */
  judged: boolean;
};

export function presetsFor(endpoint: string, { regression, judged }: PresetFacts): Preset[] {
  const from = judged ? 'reference' : 'week-before';
  const rule = (
    part: Pick<AlertRuleInput, 'name' | 'series' | 'condition'> & Partial<AlertRuleInput>,
  ): AlertRuleInput => AlertRuleInput.parse({ endpoint, ...part });
  return [
    {
      key: 'input-drift',
      rule: rule({
        name: 'An input drifted',
        series: { of: 'drift', feature: '*', method: 'lathe.psi.frozen@1' },
        condition: { kind: 'threshold', direction: 'above', value: LARGE_PSI, exit: null },
        ...LASTING,
      }),
    },
    {
      key: 'dataset-drift',
      rule: rule({
        name: 'Half of the inputs drifted',
        series: { of: 'drifted-share' },
        condition: { kind: 'threshold', direction: 'above', value: ALMOST_HALF, exit: null },
        ...LASTING,
      }),
    },
    {
      key: 'missing-doubled',
      rule: rule({
        name: 'Missing values doubled',
        series: { of: 'quality', feature: '*', measure: 'missing' },
        condition: { kind: 'change', from: 'reference', direction: 'up', by: 1, relative: true },
        minN: 100,
      }),
    },
    {
      key: 'prediction-drift',
      rule: rule({
        name: 'Predictions drifted',
        series: { of: 'drift', feature: PREDICTION_FEATURE, method: 'lathe.psi.frozen@1' },
        condition: { kind: 'threshold', direction: 'above', value: LARGE_PSI, exit: null },
        ...LASTING,
      }),
    },
    regression
      ? {
          key: 'error-grew',
          rule: rule({
            name: 'The error grew',
            severity: 'critical',
            series: { of: 'performance', metric: 'rmse' },
            condition: { kind: 'change', from, direction: 'up', by: 0.2, relative: true },
            minN: 300,
            forWindows: 2,
            keepWindows: 2,
          }),
        }
      : {
          key: 'accuracy-fell',
          rule: rule({
            name: 'Accuracy fell',
            severity: 'critical',
            series: { of: 'performance', metric: 'accuracy' },
            condition: { kind: 'change', from, direction: 'down', by: 0.05, relative: false },
            // One in a thousand samples of so many rows is five points off by chance (accuracy 0.8).
            minN: 500,
            forWindows: 2,
            keepWindows: 2,
          }),
        },
    {
      // Not "no rows for some hours": nearly all traffic sleeps at night, and much of it at week-ends.
      key: 'volume-gone',
      rule: rule({
        name: 'Hardly any requests any more',
        per: 'hour',
        series: { of: 'volume' },
        condition: { kind: 'change', from: 'week-before', direction: 'down', by: 0.9, relative: true },
        forWindows: 3,
      }),
    },
  ];
}
