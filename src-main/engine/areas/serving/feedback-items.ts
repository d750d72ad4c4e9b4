/** Feedback as the gateway passes it on, checked against the contract. */
import { z } from 'zod';
import { FEEDBACK_ITEMS, Feedback } from '../../../contract/ab-tests.ts';
import { LatheError } from '../../../contract/errors.ts';

const Items = z.array(Feedback);

/** Throws LATHE_INPUT_INVALID naming the first field that is wrong. */
export function checkedFeedback(items: readonly unknown[]): Feedback[] {
  if (items.length === 0 || items.length > FEEDBACK_ITEMS)
    throw new LatheError('LATHE_INPUT_INVALID', {
      reason: `items must be 1 to ${FEEDBACK_ITEMS}, not ${items.length}`,
    });
  const parsed = Items.safeParse(items);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [at, ...path] = issue?.path ?? [];
  const field = path.length > 0 ? `, ${path.join('.')}` : '';
  throw new LatheError('LATHE_INPUT_INVALID', {
    reason: `item ${String(at)}${field}: ${issue?.message ?? 'not an item of feedback'}`,
  });
}
