/** Deleting runs and experiments: to the trash at once, and back with one click. */
import { Ellipsis, Trash2 } from 'lucide-react';
import type { Experiment, RunRow } from '../../../src-main/contract/experiments.ts';
import { useDiscard } from '../../lib/discard.ts';
import { plural } from '../../lib/format.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Menu } from '../../ui/Menu.tsx';

export function RunMenu({ run }: { run: RunRow }) {
  const discard = useDiscard(() => navigate(pathTo('experiments', run.experimentId)));
  return (
    <Menu
      trigger={<IconButton icon={Ellipsis} label="More about this run" />}
      items={[
        {
          id: 'delete',
          label: 'Delete run',
          icon: Trash2,
          danger: true,
          run: () => discard.run([{ kind: 'run', id: run.id }], run.name),
        },
      ]}
    />
  );
}

export function ExperimentMenu({ experiment }: { experiment: Experiment }) {
  const discard = useDiscard(() => navigate('/experiments'));
  return (
    <Menu
      trigger={<IconButton icon={Ellipsis} label="More about this experiment" />}
      items={[
        {
          id: 'delete',
          label: 'Delete experiment',
          icon: Trash2,
          danger: true,
          run: () => discard.run([{ kind: 'experiment', id: experiment.id }], experiment.name),
        },
      ]}
    />
  );
}

export function DiscardRuns({ selected, onDone }: { selected: ReadonlySet<string>; onDone: () => void }) {
  const discard = useDiscard(onDone);
  const what = plural(selected.size, 'run');
  return (
    <IconButton
      icon={Trash2}
      label={`Delete ${what}`}
      disabled={discard.isPending}
      onClick={() =>
        discard.run(
          [...selected].map((id) => ({ kind: 'run' as const, id })),
          what,
        )
      }
    />
  );
}
