// Loaded with --import into a program under test: how long its event loop is held, as JSON in the file that
// LATHE_LOOP_DELAY_FILE names, twice a second. SIGUSR2 begins anew.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env.LATHE_LOOP_DELAY_FILE;
if (file) {
  // Its children are others.
  delete process.env.LATHE_LOOP_DELAY_FILE;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => delay.reset());
  setInterval(() => {
    const ms = (/** @type {number} */ nanoseconds) => nanoseconds / 1e6;
    writeFileSync(
      file,
      JSON.stringify({
        p50Ms: ms(delay.percentile(50)),
        p99Ms: ms(delay.percentile(99)),
        maxMs: ms(delay.max),
      }),
    );
  }, 500).unref();
}
