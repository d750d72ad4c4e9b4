/** Right of a lane: its values under the cursor, or the latest ones, with interval and rows. */
import type { MethodId } from '../../../src-main/contract/monitoring-methods.ts';
import type { Unit } from '../../charts/format.ts';
import { readValue } from '../../charts/format.ts';
import { intervalText, type LaneLine, type LanePoint, latestOf, pointAt } from '../../charts/lane-rules.ts';
import { cssColor } from '../../charts/theme.ts';
import { formatCount } from '../../lib/format.ts';
import { Explain } from '../explain/index.tsx';

/** What explains a lane's numbers, how many rows one needs, and from where on it counts. */
export type About = { method: MethodId; counts?: 'values'; minN?: number; inForce?: string | null };

type ExplainedProps = {
  about: About | undefined;
  point: LanePoint | null;
  text: string;
  name: string;
};

function Explained({ about, point, text, name }: ExplainedProps) {
  if (!about || !point) return text;
  return (
    <Explain {...about} value={point.y} n={point.n} low={point.low} high={point.high} of={`${name}: ${text}`}>
      {text}
    </Explain>
  );
}

type LaneFiguresProps = {
  lines: readonly LaneLine[];
  unit: Unit;
  cursor: number | null;
  /** What explains each line's numbers, by its id. */
  about: Readonly<Record<string, About>>;
};

export function LaneFigures({ lines, unit, cursor, about }: LaneFiguresProps) {
  return (
    <dl className="num flex flex-col gap-1">
      {lines.map((line) => {
        const point = cursor === null ? latestOf(line.points) : pointAt(line.points, cursor);
        const notes = point
          ? [
              intervalText(point, unit),
              `n ${formatCount(point.n)}`,
              point.open ? 'not final' : point.weak ? 'too few rows' : '',
            ].filter(Boolean)
          : [];
        return (
          <div key={line.id} className="min-w-0">
            <dt className="flex items-center gap-1.5 text-2xs text-ink-3">
              {lines.length > 1 ? (
                <svg width="12" height="6" aria-hidden="true" className="shrink-0">
                  <line
                    x2="12"
                    y1="3"
                    y2="3"
                    stroke={cssColor(line.color)}
                    strokeWidth="2"
                    strokeDasharray={line.dashed ? '4 2' : undefined}
                  />
                </svg>
              ) : null}
              <span className="min-w-0 break-words">{line.label}</span>
            </dt>
            <dd className="leading-4">
              <span className="font-medium">
                <Explained
                  about={about[line.id]}
                  point={point}
                  text={readValue(point?.y, unit)}
                  name={line.label}
                />
              </span>
              {notes.length > 0 ? (
                <span className="block text-2xs leading-3.5 text-ink-3">{notes.join(' · ')}</span>
              ) : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
