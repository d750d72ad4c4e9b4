/** The views of the app, in the order of the sidebar. */
import {
  Activity,
  BellRing,
  Box,
  Database,
  FlaskConical,
  Gauge,
  LayoutDashboard,
  type LucideIcon,
  Settings,
  Split,
  Trash2,
} from 'lucide-react';
import type { ActionId } from '../../src-main/contract/actions.ts';
import type { Route, ViewName } from '../lib/router.ts';

export type Section = { view: ViewName; title: string; path: string; icon: LucideIcon; action: ActionId };

export const SECTIONS: readonly Section[] = [
  { view: 'overview', title: 'Overview', path: '/', icon: LayoutDashboard, action: 'go.overview' },
  {
    view: 'experiments',
    title: 'Experiments',
    path: '/experiments',
    icon: FlaskConical,
    action: 'go.experiments',
  },
  { view: 'datasets', title: 'Datasets', path: '/datasets', icon: Database, action: 'go.datasets' },
  { view: 'models', title: 'Models', path: '/models', icon: Box, action: 'go.models' },
  { view: 'serving', title: 'Serving', path: '/serving', icon: Split, action: 'go.serving' },
  { view: 'monitoring', title: 'Monitoring', path: '/monitoring', icon: Gauge, action: 'go.monitoring' },
  { view: 'alerts', title: 'Alerts', path: '/alerts', icon: BellRing, action: 'go.alerts' },
  { view: 'activity', title: 'Activity', path: '/activity', icon: Activity, action: 'go.activity' },
  { view: 'trash', title: 'Trash', path: '/trash', icon: Trash2, action: 'go.trash' },
  { view: 'settings', title: 'Settings', path: '/settings', icon: Settings, action: 'go.settings' },
];

/** The section a view belongs to: comparing is done with experiments. */
export const sectionOf = (view: Route['view']): Section | null => {
  const shown = view === 'compare' ? 'experiments' : view;
  return SECTIONS.find((section) => section.view === shown) ?? null;
};
