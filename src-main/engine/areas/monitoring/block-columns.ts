/** Where a block has each of its features. */
import type { FeatureValue } from '../../../contract/common.ts';
import { featureNames, type TapBlock, type TapColumn, valueAt } from '../../../platform/tap-block.ts';
import { PREDICTION_FEATURE } from './profile.rules.ts';

export type BlockColumn = { column: TapColumn; offset: number };

const known = new WeakMap<TapBlock, ReadonlyMap<string, BlockColumn>>();

/** By the feature's name; the score is among them. */
export function columnsOf(block: TapBlock): ReadonlyMap<string, BlockColumn> {
  const before = known.get(block);
  if (before) return before;
  const columns = new Map<string, BlockColumn>();
  for (const column of block.columns)
    for (const [offset, name] of featureNames(column).entries()) columns.set(name, { column, offset });
  if (block.score) columns.set(PREDICTION_FEATURE, { column: block.score, offset: 0 });
  known.set(block, columns);
  return columns;
}

/** A feature that the block does not have is null. */
export function featureAt(block: TapBlock, row: number, name: string): FeatureValue {
  const found = columnsOf(block).get(name);
  return found ? valueAt(found.column, row * found.column.width + found.offset) : null;
}
