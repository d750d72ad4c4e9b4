/** One chart of curves that fetches what it shows: while it is in sight, as finely as it is wide, and finer when zoomed. */
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { LinesX } from '../../../src-main/contract/explore.ts';
import { type Curve, type Range, spanOf } from '../../charts/curve.ts';
import type { GroupBand, GroupLine } from '../../charts/curve-groups.ts';
import type { Highlight } from '../../charts/highlight.ts';
import { LineChart } from '../../charts/line-chart.tsx';
import { useWidth } from '../../charts/use-width.ts';
import { ErrorState } from '../../ui/ErrorState.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { groupCurves, type Look, type RunGroup, runCurves, unitOf } from './curves-of.ts';
import { type CurveSource, useCurves } from './use-curves.ts';
import { useInSight } from './use-in-sight.ts';

export type LineLooks = {
  x: LinesX;
  smoothing: number;
  logX: boolean;
  logY: boolean;
  clip: boolean;
};

export type LinePanelProps = LineLooks & {
  title: string;
  hideTitle?: boolean;
  sources: readonly CurveSource[];
  /** How a curve looks; null for one that is not drawn. */
  lookOf(runId: string, key: string): (Look & { id: string }) | null;
  /** Instead of each run: one curve for each of these. */
  groups?: { of: readonly RunGroup[]; line: GroupLine; band: GroupBand } | null;
  height: number;
  zoom: Range | null;
  onZoom(zoom: Range | null): void;
  highlight: Highlight;
  pinned: ReadonlySet<string>;
  onPick(id: string): void;
  syncKey: string;
  /** See LineChart. */
  names?: boolean;
  actions?: ReactNode;
};

/** The chart's head and foot, so that a panel that is not loaded yet is as high as one that is. */
const FRAME_PX = 28;

export function LinePanel(props: LinePanelProps) {
  const { title, sources, lookOf, groups, x, smoothing, zoom, height } = props;
  const [sight, inSight] = useInSight<HTMLDivElement>();
  const [box, width] = useWidth();
  const seen = useRef(false);
  if (inSight) seen.current = true;
  const { lines, stale, problem, retry } = useCurves({ sources, x, zoom, width, enabled: inSight });

  const whole = useRef<number | null>(null);
  const xName = x.kind === 'metric' ? x.key : x.kind;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another x has another range.
  useEffect(() => {
    whole.current = null;
  }, [xName]);
  if (lines && !zoom && !stale) whole.current = spanOf(lines.flatMap((part) => part.lines));

  const curves = useMemo<Curve[] | null>(() => {
    if (!lines) return null;
    const unit = unitOf(lines, whole.current);
    return groups
      ? groupCurves(lines, groups.of, { line: groups.line, band: groups.band, smoothing, unit })
      : runCurves(lines, lookOf, smoothing, unit);
  }, [lines, lookOf, groups, smoothing]);
  const notFinite = curves?.reduce((sum, curve) => sum + curve.notFinite, 0) ?? 0;

  return (
    <div ref={sight} style={{ minHeight: height + FRAME_PX }} aria-busy={stale || undefined}>
      <div ref={box}>
        {curves && seen.current ? (
          <LineChart
            title={title}
            hideTitle={props.hideTitle ?? false}
            curves={curves}
            x={{
              kind: x.kind === 'metric' ? 'number' : x.kind,
              log: props.logX,
              name: xName,
            }}
            logY={props.logY}
            clip={props.clip}
            height={height}
            zoom={zoom}
            onZoom={props.onZoom}
            highlight={props.highlight}
            pinned={props.pinned}
            onPick={props.onPick}
            syncKey={props.syncKey}
            names={props.names ?? false}
            emptyText={
              zoom ? 'Nothing was logged in this range.' : 'None of the runs shown has logged this metric.'
            }
            actions={
              <>
                {notFinite > 0 ? (
                  <span
                    className="num shrink-0 text-2xs text-warn"
                    title="Values that are NaN or infinite cannot be drawn"
                  >
                    {notFinite} not finite
                  </span>
                ) : null}
                {props.actions}
              </>
            }
          />
        ) : problem ? (
          <ErrorState title={`${title} could not be loaded`} report={problem} onRetry={retry} />
        ) : (
          <Waiting title={title} height={height} />
        )}
      </div>
    </div>
  );
}

/** What a panel is until its first picture; the shape of the one to come. */
function Waiting({ title, height }: { title: string; height: number }) {
  return (
    <div role="status" aria-label={`Loading ${title}`}>
      <div className="mb-1 flex min-h-6 items-center text-sm font-medium text-ink">{title}</div>
      <Skeleton height={`${height}px`} />
    </div>
  );
}
