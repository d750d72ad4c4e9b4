/** Queues the parts of a large request, and settles once: with all of them, or with the first that fails. */
import type { Outcome, Submission } from './batcher-types.ts';
import type { Job, JobResult } from './job.ts';
import { cancelled } from './scheduler-errors.ts';
import { joinOutputs } from './split-request.ts';

type Whole = Submission<Job, JobResult>;

export function submitParts(
  parts: readonly Whole[],
  submit: (part: Whole) => () => void,
  settle: Whole['settle'],
  /** The model has to see the request whole after all. */
  again: () => () => void,
): () => void {
  const results = new Array<JobResult | undefined>(parts.length);
  let cancels: (() => void)[] = [];
  let left = parts.length;
  let waitedMs = 0;
  let over = false;

  const cancelAll = () => {
    over = true;
    for (const cancel of cancels) cancel();
    cancels = [];
  };
  const take = (part: number, outcome: Outcome<JobResult>, queuedMs: number) => {
    if (over) return;
    if (!outcome.ok) {
      cancelAll();
      settle(outcome, queuedMs);
      return;
    }
    results[part] = outcome.result;
    // Until the first of them began.
    waitedMs = part === 0 ? queuedMs : waitedMs;
    left -= 1;
    if (left > 0) return;
    over = true;
    const all = results as JobResult[];
    const outputs = joinOutputs(
      parts.map(({ payload }) => payload.request),
      all.map((result) => result.outputs),
    );
    if (outputs) settle({ ok: true, result: { outputs, ...summed(all) } }, waitedMs);
    else cancels = [again()];
  };

  for (const [at, part] of parts.entries()) {
    if (over) break;
    const cancel = submit({ ...part, settle: (outcome, queuedMs) => take(at, outcome, queuedMs) });
    if (over) cancel();
    else cancels.push(cancel);
  }
  return () => {
    const whole = over;
    cancelAll();
    // Once it is over it has settled, or is under way again as one, which settles by itself.
    if (!whole) settle({ ok: false, error: cancelled() }, waitedMs);
  };
}

function summed(results: readonly JobResult[]): Omit<JobResult, 'outputs'> {
  const sum = { computeUs: 0, inputUs: 0, outputUs: 0 };
  for (const { computeUs, inputUs, outputUs } of results) {
    sum.computeUs += computeUs;
    sum.inputUs += inputUs;
    sum.outputUs += outputUs;
  }
  return sum;
}
