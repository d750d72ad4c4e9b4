/** Charts of an experiment's runs: curves, and pictures with one line, dot or bar for each run. */

import { BarsView } from './bars-view.tsx';
import type { ExploreProps } from './explore-props.ts';
import { ImportanceView } from './importance-view.tsx';
import { LinesView } from './lines-view.tsx';
import { ParallelView } from './parallel-view.tsx';
import { ScatterView } from './scatter-view.tsx';

export { RunCurves } from './run-curves.tsx';
export { useSavedCharts } from './saved-charts.ts';
export { SelectedStrip } from './strip.tsx';

export const EXPLORE_VIEWS = [
  { value: 'lines', label: 'Lines' },
  { value: 'parallel', label: 'Parallel' },
  { value: 'scatter', label: 'Scatter' },
  { value: 'bars', label: 'Bars' },
  { value: 'importance', label: 'Importance' },
] as const;
export type ExploreView = (typeof EXPLORE_VIEWS)[number]['value'];

export const isExploreView = (text: string | undefined): text is ExploreView =>
  EXPLORE_VIEWS.some(({ value }) => value === text);

const VIEWS: Record<ExploreView, (props: ExploreProps) => React.ReactNode> = {
  lines: LinesView,
  parallel: ParallelView,
  scatter: ScatterView,
  bars: BarsView,
  importance: ImportanceView,
};

export function Explore({ view, ...props }: ExploreProps & { view: ExploreView }) {
  const View = VIEWS[view];
  return <View {...props} />;
}
