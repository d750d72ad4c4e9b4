/** A run as the head of its column: which it is, how it ended, and its place among the others. */
import { ArrowLeft, ArrowRight, ChevronsLeft, Ellipsis, ExternalLink, X } from 'lucide-react';
import type { ComparedRun } from '../../../src-main/contract/compare.ts';
import { cssColor, seriesColor } from '../../charts/theme.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { Swatch } from '../../ui/Badge.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Link } from '../../ui/Link.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { RunStatus } from '../../ui/RunStatus.tsx';
import { moved } from './compare-url.ts';

type RunHeadProps = {
  runs: readonly ComparedRun[];
  at: number;
  /** They are of several experiments: each says of which. */
  mixed: boolean;
  onRuns(runs: readonly string[]): void;
};

export function RunHead({ runs, at, mixed, onRuns }: RunHeadProps) {
  const run = runs[at];
  if (!run) return null;
  const ids = runs.map(({ id }) => id);
  const move = (to: number) => onRuns(moved(ids, at, to));
  const items: MenuItem[] = [
    ...(at === 0
      ? []
      : [{ id: 'base', label: 'Make it the baseline', icon: ChevronsLeft, run: () => move(0) }]),
    ...(at > 1 ? [{ id: 'left', label: 'Move left', icon: ArrowLeft, run: () => move(at - 1) }] : []),
    ...(at > 0 && at < runs.length - 1
      ? [{ id: 'right', label: 'Move right', icon: ArrowRight, run: () => move(at + 1) }]
      : []),
    { id: 'open', label: 'Open the run', icon: ExternalLink, run: () => navigate(pathTo('runs', run.id)) },
    'separator',
    {
      ...{ id: 'remove', label: 'Take it out of the comparison', icon: X },
      run: () => onRuns(ids.filter((id) => id !== run.id)),
    },
  ];
  return (
    <div>
      <div className="flex items-center gap-1.5">
        <Swatch color={cssColor(seriesColor(at))} />
        <Link to={pathTo('runs', run.id)} quiet className="min-w-0 truncate" title={run.name}>
          {run.name}
        </Link>
      </div>
      <div className="flex items-center gap-1.5 text-xs font-normal text-ink-3">
        <RunStatus status={run.status} hideLabel={at === 0 || mixed} />
        <span className="min-w-0 truncate">
          {[...(at === 0 ? ['baseline'] : []), ...(mixed ? [run.experiment] : [])].join(' · ')}
        </span>
        <span className="-my-1 ml-auto">
          <Menu
            trigger={<IconButton icon={Ellipsis} label={`More for ${run.name}`} size="sm" />}
            items={items}
          />
        </span>
      </div>
    </div>
  );
}
