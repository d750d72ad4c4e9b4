import { CircleHelp } from 'lucide-react';
import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { reportOf } from '../lib/errors.ts';
import type { Route, ViewName } from '../lib/router.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorState } from '../ui/ErrorState.tsx';
import { Link } from '../ui/Link.tsx';

type RouteOf<Name extends ViewName> = Extract<Route, { view: Name }>;
type ViewProps = { route: Route };

/** Each area is a chunk of its own, loaded when it is first looked at. */
function area<Name extends ViewName>(load: () => Promise<{ View: ComponentType<{ route: RouteOf<Name> }> }>) {
  // The route given to a view is always its own: RoutedView picks the view by `route.view`.
  return lazy(async () => ({ default: (await load()).View as ComponentType<ViewProps> }));
}

const VIEWS: Record<ViewName, ComponentType<ViewProps>> = {
  overview: area<'overview'>(() => import('../areas/overview/index.tsx')),
  experiments: area<'experiments'>(() => import('../areas/experiments/index.tsx')),
  compare: area<'compare'>(() => import('../areas/compare/index.tsx')),
  datasets: area<'datasets'>(() => import('../areas/datasets/index.tsx')),
  models: area<'models'>(() => import('../areas/models/index.tsx')),
  serving: area<'serving'>(() => import('../areas/serving/index.tsx')),
  monitoring: area<'monitoring'>(() => import('../areas/monitoring/index.tsx')),
  alerts: area<'alerts'>(() => import('../areas/alerts/index.tsx')),
  activity: area<'activity'>(() => import('../areas/activity/index.tsx')),
  trash: area<'trash'>(() => import('../areas/trash/index.tsx')),
  settings: area<'settings'>(() => import('../areas/settings/index.tsx')),
};

export function RoutedView({ route }: { route: Route }) {
  if (route.view === 'not-found')
    return (
      <EmptyState icon={CircleHelp} title="There is no such view" action={<Link to="/">Go to Overview</Link>}>
        Nothing is at <code>{route.path}</code>.
      </EmptyState>
    );
  const View = VIEWS[route.view];
  return (
    <ViewBoundary key={route.view} route={route}>
      <Suspense fallback={null}>
        <View route={route} />
      </Suspense>
    </ViewBoundary>
  );
}

/** A view that fails to draw leaves the rest of the app standing. */
class ViewBoundary extends Component<{ route: Route; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(before: { route: Route }) {
    if (this.state.error !== null && before.route !== this.props.route) this.setState({ error: null });
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <ErrorState
        title="This view could not be drawn"
        report={reportOf(this.state.error)}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
