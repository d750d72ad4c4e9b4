import { isDesktop } from '../lib/host.ts';
import { connection, useConnection } from '../lib/rpc.ts';
import { useNow } from '../lib/use-now.ts';
import { Button } from '../ui/Button.tsx';
import { Spinner } from '../ui/Spinner.tsx';

/** A blink of the connection is not worth a word; this long is. */
const WORTH_SAYING_MS = 400;
const LONG_MS = 8_000;

/** Says that the engine is away, and when it stays away, what can be done. */
export function ReconnectBanner() {
  const { state } = useConnection();
  return state === 'reconnecting' ? <Away /> : null;
}

function Away() {
  const { sinceMs } = useConnection();
  const gone = useNow() - sinceMs;
  const long = gone > LONG_MS;
  const desktop = isDesktop();
  return (
    <div
      role="status"
      className="flex min-h-9 shrink-0 items-center gap-2.5 border-b border-line bg-warn-soft px-4 py-1"
      style={{ animation: `lathe-rise 120ms ${WORTH_SAYING_MS}ms backwards` }}
    >
      <span className="text-warn">
        <Spinner />
      </span>
      <p className="min-w-0 flex-1">
        <span className="font-medium">
          {desktop
            ? 'The engine stopped; Lathe is restarting it.'
            : 'Lathe does not answer; connecting again.'}
        </span>{' '}
        <span className="text-ink-2">
          {long
            ? desktop
              ? 'This takes longer than it should. Quit and open Lathe again if it does not come back.'
              : 'Check that `lathe serve` is still running in its terminal.'
            : 'What was saved is safe; changes wait a few seconds for it.'}
        </span>
      </p>
      {long && (
        <Button size="sm" onClick={connection.retry}>
          Try now
        </Button>
      )}
    </div>
  );
}
