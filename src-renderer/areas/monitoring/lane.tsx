/** Rows that share one axis of time: the grid, their names, and the lines that go through all of them. */
import type { ReactNode, Ref } from 'react';
import { type LaneAxis, placeOf } from '../../charts/lane-rules.ts';
import { PLOT_RIGHT } from '../../charts/plot.ts';
import { cx } from '../../ui/cx.ts';
import { Link } from '../../ui/Link.tsx';

/** Geometry that strips and charts share, so that they stand on one time axis. */
const LANE_GRID = 'grid grid-cols-[minmax(132px,184px)_minmax(0,1fr)_minmax(148px,196px)]';
/** A row of the shared axis: what it is, the drawing, and its figures. */
export function Lane({
  label,
  figures,
  children,
  top,
  plotRef,
}: {
  label: ReactNode;
  figures?: ReactNode;
  children: ReactNode;
  /** The drawing is tall: names and figures stand at its top. */
  top?: boolean;
  plotRef?: Ref<HTMLDivElement>;
}) {
  return (
    <div className={cx(LANE_GRID, top ? 'items-start' : 'items-center')}>
      <div className="min-w-0 pr-3">{label}</div>
      <div className="min-w-0" style={{ paddingRight: PLOT_RIGHT }}>
        <div ref={plotRef} className="min-w-0">
          {children}
        </div>
      </div>
      <div className="min-w-0 pl-2">{figures}</div>
    </div>
  );
}

/** Lines through all lanes: events, and the cursor. */
export function Marks({
  axis,
  cursor,
  flags,
  pointed,
}: {
  axis: LaneAxis;
  cursor: number | null;
  flags: readonly number[];
  pointed: number | null;
}) {
  const place = (at: number) => ((at - axis.from) / Math.max(axis.to - axis.from, 1)) * axis.width;
  return (
    <div aria-hidden="true" className={`pointer-events-none absolute inset-x-3 top-8 bottom-8 ${LANE_GRID}`}>
      <div />
      <div style={{ paddingRight: PLOT_RIGHT }}>
        {axis.width > 0 ? (
          <svg width={axis.width} height="100%" aria-hidden="true" className="block">
            {flags.map((at) => (
              <line
                key={at}
                x1={place(at)}
                x2={place(at)}
                y2="100%"
                stroke={at === pointed ? 'var(--accent)' : 'var(--line-strong)'}
                strokeDasharray={at === pointed ? undefined : '2 3'}
                opacity={at === pointed ? 1 : 0.7}
              />
            ))}
            {cursor === null ? null : (
              <line
                x1={placeOf(axis, cursor)}
                x2={placeOf(axis, cursor)}
                y2="100%"
                stroke="var(--line-strong)"
              />
            )}
          </svg>
        ) : null}
      </div>
      <div />
    </div>
  );
}

export function Heading({ name, note }: { name: string; note?: string | null }) {
  return (
    <h3 className="mt-2 -mx-3 mb-1.5 border-t border-line px-3 pt-2 text-xs font-semibold text-ink-2">
      {name}
      {note ? <span className="num ml-1.5 font-normal text-ink-3">{note}</span> : null}
    </h3>
  );
}

export const Remark = ({ children }: { children: ReactNode }) => (
  <p className="py-1 text-xs text-ink-3">{children}</p>
);

export function Name({ to, title, note }: { to?: string; title: string; note?: string }) {
  return (
    <span className="flex min-w-0 flex-col pt-0.5 pr-10">
      {to ? (
        <Link to={to} quiet>
          <span className="block font-medium break-words">{title}</span>
        </Link>
      ) : (
        <span className="font-medium break-words">{title}</span>
      )}
      {note ? <span className="text-2xs break-words text-ink-3">{note}</span> : null}
    </span>
  );
}
