/** Door of the lineage. */
import { implement } from '@orpc/server';
import { LatheError } from '../../../contract/errors.ts';
import { lineage as contract, type Lineage, type LineageStart } from '../../../contract/lineage.ts';
import type { AreaContext } from '../../context.ts';
import { describeThings, findStarts, walk } from './lineage.query.ts';
import { SPREAD_GROUP, toLineage, USUAL_GROUP } from './lineage.rules.ts';

export { datasetsLike, sameDataset } from './links.sql.ts';

const os = implement(contract);
type Wanted = { start: LineageStart; up: number; down: number; spread: boolean };

export function createLineageArea({ readers }: Pick<AreaContext, 'readers'>) {
  async function graph({ start, up, down, spread }: Wanted): Promise<Lineage> {
    const starts = await findStarts(readers, start);
    // A model without versions has no lineage yet; anything else that is not found is not there.
    if (starts.length === 0 && start.kind !== 'model')
      throw new LatheError('LATHE_NOT_FOUND', {
        kind: start.kind,
        name: 'id' in start ? start.id : start.name,
      });
    const [above, below] = await Promise.all([
      walk(readers, starts, 'up', up),
      walk(readers, starts, 'down', down),
    ]);
    const walked = {
      starts,
      keys: new Set([...above.keys, ...below.keys]),
      edges: [...above.edges, ...below.edges],
      cut: above.cut || below.cut,
    };
    const things = await describeThings(readers, [...walked.keys]);
    return toLineage(walked, things, spread ? SPREAD_GROUP : USUAL_GROUP);
  }
  return { graph, routes: { graph: os.graph.handler(({ input }) => graph(input)) } };
}
