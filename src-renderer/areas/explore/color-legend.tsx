/** What the colours of a picture mean. */
import { RAMP_GRADIENT } from '../../charts/ramp.ts';
import { cssColor, seriesColor } from '../../charts/theme.ts';
import { type ValueAxis, valueText } from '../../charts/value-axis.ts';
import { Swatch } from '../../ui/Badge.tsx';

const MOST_NAMES = 8;

export function ColorLegend({ axis }: { axis: ValueAxis | null }) {
  if (!axis) return null;
  if (axis.categories)
    return (
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2">
        {axis.categories.slice(0, MOST_NAMES).map((name, at) => (
          <span key={name} className="flex min-w-0 items-center gap-1.5">
            <Swatch color={cssColor(seriesColor(at))} />
            <span className="max-w-40 truncate">{name}</span>
          </span>
        ))}
        {axis.categories.length > MOST_NAMES ? (
          <span className="text-ink-3">colours come again after {MOST_NAMES} names</span>
        ) : null}
      </div>
    );
  return (
    <div className="num flex min-w-0 items-center gap-2 text-xs text-ink-2">
      <span className="min-w-0 truncate">{axis.title}</span>
      <span>{valueText(axis, axis.range[0])}</span>
      <span
        className="h-2.5 w-28 shrink-0 rounded-xs"
        style={{ background: RAMP_GRADIENT }}
        aria-hidden="true"
      />
      <span>{valueText(axis, axis.range[1])}</span>
      {axis.log ? <span className="text-ink-3">log</span> : null}
    </div>
  );
}
