/** Models: the registry, and one model with its versions, lineage and a version's details. */
import { type Route, useLocation } from '../../lib/router.ts';
import { DiffPage } from './diff-page.tsx';
import { ModelList } from './model-list.tsx';
import { ModelPage } from './model-page.tsx';

export function View({ route }: { route: Extract<Route, { view: 'models' }> }) {
  const { diff, with: other } = useLocation().query;
  if (!route.model) return <ModelList />;
  const [from, to] = diff?.split('..') ?? [];
  if (from && to)
    return (
      <DiffPage a={{ name: route.model, version: from }} b={{ name: other ?? route.model, version: to }} />
    );
  return <ModelPage name={route.model} />;
}
