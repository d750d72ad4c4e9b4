/** Which colour each run of a picture has, by a number or by a name. */
import { useMemo } from 'react';
import { RAMP_STEPS, rampPlaces, useRamp } from '../../charts/ramp.ts';
import { seriesColor, useChartTheme } from '../../charts/theme.ts';
import { sharesOf, type ValueAxis } from '../../charts/value-axis.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { columnOf } from '../../lib/run-columns.ts';

export type Colors = {
  palette: readonly string[];
  places: Uint8Array;
  /** The order in which runs are drawn; the last lies on top. */
  order: Uint32Array;
};

const NAMES = 8;

/** Without an axis all runs have one colour. Runs without a value are grey and at the bottom, the best are on top. */
export function useColors(axis: ValueAxis | null, runs: number): Colors {
  const ramp = useRamp();
  const theme = useChartTheme();
  return useMemo(() => {
    const all = Uint32Array.from({ length: runs }, (_, at) => at);
    if (!axis) return { palette: [theme.color(1)], places: new Uint8Array(runs), order: all };
    const none = theme.color('reference');
    if (axis.categories) {
      const names = Array.from({ length: NAMES }, (_, at) => theme.color(seriesColor(at)));
      const places = Uint8Array.from(axis.values, (value) => (Number.isNaN(value) ? NAMES : value % NAMES));
      return { palette: [...names, none], places, order: all };
    }
    const places = rampPlaces(sharesOf(axis), RAMP_STEPS);
    const column = columnOf(axis.id);
    const lowerIsBetter = column?.kind === 'metric' && directionOf(column.key) === 'lower';
    const depth = (run: number) => {
      const place = places[run] ?? 0;
      if (place === RAMP_STEPS) return -1;
      return lowerIsBetter ? RAMP_STEPS - place : place;
    };
    return { palette: [...ramp, none], places, order: all.sort((a, b) => depth(a) - depth(b)) };
  }, [axis, runs, ramp, theme]);
}
