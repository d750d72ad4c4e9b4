/** Door of the comparison of runs. */
import { implement } from '@orpc/server';
import { compare as contract } from '../../../contract/compare.ts';
import type { AreaContext } from '../../context.ts';
import { createCompareService } from './compare.service.ts';

const os = implement(contract);

export function createCompareArea(context: AreaContext) {
  const compare = createCompareService(context);
  return { runs: compare.runs, routes: { runs: os.runs.handler(({ input }) => compare.runs(input)) } };
}
