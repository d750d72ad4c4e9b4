import { formatDateTime } from '../lib/format.ts';
import { useRelative } from '../lib/use-now.ts';

/** "3 min ago", kept up to date; the full time is in the title. */
export function TimeAgo({ ms }: { ms: number | null }) {
  const text = useRelative(ms);
  return ms === null ? (
    <span>{text}</span>
  ) : (
    <time dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)} className="num">
      {text}
    </time>
  );
}
