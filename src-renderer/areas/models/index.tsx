/** Models: the registry, and one model with its versions, lineage and a version's details. */
import type { Route } from '../../lib/router.ts';
import { ModelList } from './model-list.tsx';
import { ModelPage } from './model-page.tsx';

export function View({ route }: { route: Extract<Route, { view: 'models' }> }) {
  return route.model ? <ModelPage name={route.model} /> : <ModelList />;
}
