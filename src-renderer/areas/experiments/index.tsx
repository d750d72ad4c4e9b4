/** Experiments: all of them, the runs of one, and one run. */
import type { Route } from '../../lib/router.ts';
import { ExperimentList } from './experiment-list.tsx';
import { ExperimentPage } from './experiment-page.tsx';
import { RunPage } from './run-page.tsx';

export function View({ route }: { route: Extract<Route, { view: 'experiments' }> }) {
  if ('run' in route) return <RunPage runId={route.run} />;
  if ('experiment' in route) return <ExperimentPage id={route.experiment} />;
  return <ExperimentList />;
}
