/** The legend of many curves: every run or group with its colour. Pointing shows one, a click keeps it shown. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ExternalLink, Pin } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Highlight, useHighlight, useIsHighlighted } from '../../charts/highlight.ts';
import { type ChartColor, cssColor } from '../../charts/theme.ts';
import { pathTo } from '../../lib/router.ts';
import { cx } from '../../ui/cx.ts';
import { Link } from '../../ui/Link.tsx';

export type ListedCurve = {
  id: string;
  label: string;
  color: ChartColor;
  dashed: boolean;
  /** Where it leads; null for a group. */
  runId: string | null;
  /** A word after the name: a status, a count. */
  note: ReactNode;
};

const ROW = 26;
const SETTLED_MS = 150;

export function RunsList({
  curves,
  highlight,
  pinned,
  onPin,
}: {
  curves: readonly ListedCurve[];
  highlight: Highlight;
  pinned: ReadonlySet<string>;
  onPin(id: string): void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const inside = useRef(false);
  const virtual = useVirtualizer({
    count: curves.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (at) => curves[at]?.id ?? at,
  });
  // What is pointed at in a chart comes into sight here.
  const wanted = useHighlight(highlight);
  useEffect(() => {
    if (wanted === null || inside.current) return undefined;
    // Not while the pointer sweeps over many.
    const timer = setTimeout(() => {
      const at = curves.findIndex(({ id }) => id === wanted);
      if (at >= 0) virtual.scrollToIndex(at);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [wanted, curves, virtual]);
  return (
    <div
      ref={box}
      className="min-h-0 flex-1 overflow-auto"
      onPointerEnter={() => {
        inside.current = true;
      }}
      onPointerLeave={() => {
        inside.current = false;
        highlight.set(null);
      }}
    >
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const curve = curves[index];
          return curve ? (
            <Row
              key={key}
              curve={curve}
              top={start}
              highlight={highlight}
              pinned={pinned.has(curve.id)}
              onPin={onPin}
            />
          ) : null;
        })}
      </ul>
    </div>
  );
}

function Row({
  curve,
  top,
  highlight,
  pinned,
  onPin,
}: {
  curve: ListedCurve;
  top: number;
  highlight: Highlight;
  pinned: boolean;
  onPin(id: string): void;
}) {
  const pointed = useIsHighlighted(highlight, curve.id);
  return (
    <li
      className={cx(
        'group/curve absolute inset-x-0 flex items-center gap-1 pr-1 pl-2 text-xs',
        (pointed || pinned) && 'bg-selected',
      )}
      style={{ top, height: ROW }}
      onPointerEnter={() => highlight.set(curve.id)}
    >
      <button
        type="button"
        aria-pressed={pinned}
        title={`${curve.label}: ${pinned ? 'let go' : 'keep in front'}`}
        onClick={() => onPin(curve.id)}
        onFocus={() => highlight.set(curve.id)}
        onBlur={() => highlight.set(null)}
        className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-xs text-left"
      >
        <svg width="14" height="8" aria-hidden="true" className="shrink-0">
          <line
            x1="0"
            x2="14"
            y1="4"
            y2="4"
            stroke={cssColor(curve.color)}
            strokeWidth="2.5"
            strokeDasharray={curve.dashed ? '4 2' : undefined}
          />
        </svg>
        <span className={cx('min-w-0 flex-1 truncate', pinned ? 'font-medium text-ink' : 'text-ink-2')}>
          {curve.label}
        </span>
        {pinned ? <Pin size={11} aria-hidden="true" className="shrink-0 fill-current text-accent" /> : null}
        <span className="num shrink-0 text-ink-3">{curve.note}</span>
      </button>
      {curve.runId === null ? null : (
        <span className="shrink-0 opacity-0 group-hover/curve:opacity-100 focus-within:opacity-100">
          <Link to={pathTo('runs', curve.runId)} quiet>
            <ExternalLink size={12} aria-label={`Open ${curve.label}`} />
          </Link>
        </span>
      )}
    </li>
  );
}
