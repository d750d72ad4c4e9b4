import type { RunKeys, RunsOrder } from '../../../src-main/contract/runs-table.ts';

/** What every chart of an experiment's runs is given: the runs that the filter finds, and those selected. */
export type ExploreProps = {
  experiment: string;
  order: RunsOrder;
  keys: RunKeys | null;
  filter: string;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
  onFilter(filter: string): void;
};
