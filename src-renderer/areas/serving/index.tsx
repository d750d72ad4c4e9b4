/** Serving: the endpoints, and one with its traffic, its split and how to call it. */
import type { Route } from '../../lib/router.ts';
import { ServingPage } from './endpoint-list.tsx';
import { EndpointPage } from './endpoint-page.tsx';

export function View({ route }: { route: Extract<Route, { view: 'serving' }> }) {
  return route.endpoint ? <EndpointPage name={route.endpoint} /> : <ServingPage />;
}
