/** A grey shape where something is being loaded. Sizes as CSS. */
export function Skeleton({ width = '100%', height = '14px' }: { width?: string; height?: string }) {
  return <span className="lathe-skeleton block rounded-xs" style={{ width, height }} aria-hidden="true" />;
}

const WIDTHS = ['38%', '62%', '47%', '55%', '30%', '68%'] as const;

/** Rows of a table or list that is being loaded; says so to screen readers. */
export function SkeletonRows({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col">
      {Array.from({ length: rows }, (_, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move.
          key={at}
          className="flex h-(--row-h) items-center border-b border-line px-(--pad-x) last:border-b-0"
        >
          <Skeleton width={WIDTHS[at % WIDTHS.length] ?? '50%'} height="10px" />
        </div>
      ))}
    </div>
  );
}
