/** Door of the datasets: what data there is, and what used it. */
import { implement } from '@orpc/server';
import { datasets as contract } from '../../../contract/datasets.ts';
import { LatheError } from '../../../contract/errors.ts';
import type { AreaContext } from '../../context.ts';
import { endpointsOf, findDataset, listDatasets, sourcesOf, usesOf } from './datasets.query.ts';
import { columnsOf, profileFacts, sourceText } from './datasets.rules.ts';

const os = implement(contract);

export function createDatasetsArea({ readers }: Pick<AreaContext, 'readers'>) {
  async function get(id: string) {
    const [row, sources, endpoints] = await Promise.all([
      findDataset(readers, id),
      sourcesOf(readers, id),
      endpointsOf(readers, id),
    ]);
    if (!row) throw new LatheError('LATHE_NOT_FOUND', { kind: 'dataset', name: id });
    const columns = sources.map(({ schema, profile }) => columnsOf(schema, profile));
    return {
      ...row,
      sources: sources.map(({ name, type, source }) => ({ name, type, source: sourceText(source) })),
      license: sources.find(({ license }) => license !== '')?.license ?? '',
      columns: columns.find((list) => list.length > 0) ?? [],
      profile: sources.map(({ profile }) => profileFacts(profile)).find((facts) => facts.length > 0) ?? [],
      endpoints,
    };
  }
  return {
    routes: {
      list: os.list.handler(({ input }) => listDatasets(readers, input.text)),
      get: os.get.handler(({ input }) => get(input.id)),
      uses: os.uses.handler(({ input }) => usesOf(readers, input.id, input.limit, input.offset)),
    },
  };
}
