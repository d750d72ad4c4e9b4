/** Deleting a model or a version: to the trash at once, and back with one click. */
import { Ellipsis, Trash2 } from 'lucide-react';
import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { useDiscard } from '../../lib/discard.ts';
import { navigate, setQuery } from '../../lib/router.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Menu } from '../../ui/Menu.tsx';

const servedBy = (names: readonly string[]): string | null =>
  names.length === 0 ? null : `The endpoint ${names.join(', ')} serves it.`;

export function ModelMenu({ model, shown }: { model: RegisteredModel; shown: ModelVersion | null }) {
  const discardModel = useDiscard(() => navigate('/models'));
  const discardVersion = useDiscard(() => setQuery({ version: null }));
  const { name } = model;
  return (
    <Menu
      trigger={<IconButton icon={Ellipsis} label="More about this model" />}
      items={[
        ...(shown
          ? [
              {
                id: 'version',
                label: `Delete version ${shown.version}`,
                icon: Trash2,
                danger: true,
                reason: servedBy(shown.servedBy),
                run: () =>
                  discardVersion.run(
                    [{ kind: 'version', name, version: shown.version }],
                    `${name} version ${shown.version}`,
                  ),
              },
            ]
          : []),
        {
          id: 'model',
          label: 'Delete model',
          icon: Trash2,
          danger: true,
          reason: servedBy(model.servedBy),
          run: () => discardModel.run([{ kind: 'model', name }], name),
        },
      ]}
    />
  );
}
