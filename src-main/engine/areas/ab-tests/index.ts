/** Door of the A/B tests area: what the arms of a split are worth, and the feedback that tells. */
import { implement } from '@orpc/server';
import { abTests as contract } from '../../../contract/ab-tests.ts';
import { LatheError } from '../../../contract/errors.ts';

const os = implement(contract);
const unbuilt = (): never => {
  throw new LatheError('LATHE_INTERNAL', { reason: 'A/B tests are not computed yet' });
};

export function createAbTestsArea() {
  return {
    routes: {
      list: os.list.handler(unbuilt),
      periods: os.periods.handler(unbuilt),
      result: os.result.handler(unbuilt),
      series: os.series.handler(unbuilt),
      setPlan: os.setPlan.handler(unbuilt),
      bandit: os.bandit.handler(unbuilt),
      feedback: os.feedback.handler(unbuilt),
      rewards: os.rewards.handler(unbuilt),
      pending: os.pending.handler(unbuilt),
    },
  };
}
