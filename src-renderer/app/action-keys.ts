import { ACTIONS, type ActionId } from '../../src-main/contract/actions.ts';

/** The shortcut of an action, as the registry has it. */
export const keysOf = (id: ActionId): string | null =>
  ACTIONS.find((action) => action.id === id)?.keys ?? null;
