/** How the gateway process itself is doing, for /metrics. */
import type { ProcessFigures } from './metrics.ts';

/** `loop` is how late the event loop was in the last second, in milliseconds. */
export function processFigures(loop: { p50Ms: number; p99Ms: number }): ProcessFigures {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startSeconds: Date.now() / 1000 - process.uptime(),
    loopDelay: { p50: loop.p50Ms / 1000, p99: loop.p99Ms / 1000 },
  };
}
