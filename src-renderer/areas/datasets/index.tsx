/** Datasets: all data that runs used, and one dataset with what used it. */
import type { Route } from '../../lib/router.ts';
import { DatasetList } from './dataset-list.tsx';
import { DatasetPage } from './dataset-page.tsx';

export function View({ route }: { route: Extract<Route, { view: 'datasets' }> }) {
  return route.dataset ? <DatasetPage id={route.dataset} /> : <DatasetList />;
}
