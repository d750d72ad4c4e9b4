/** Monitoring: what is watched, one endpoint on one time axis, and one feature explained. */
import type { Route } from '../../lib/router.ts';
import { EndpointPage } from './endpoint-page.tsx';
import { FeaturePage } from './feature-page.tsx';
import { WatchedList } from './watched-list.tsx';

export function View({ route }: { route: Extract<Route, { view: 'monitoring' }> }) {
  if (route.endpoint && route.feature)
    return <FeaturePage endpoint={route.endpoint} feature={route.feature} />;
  return route.endpoint ? <EndpointPage endpoint={route.endpoint} /> : <WatchedList />;
}
