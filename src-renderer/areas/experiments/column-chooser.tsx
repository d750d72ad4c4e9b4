import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import type { AvailableColumns } from './run-columns.tsx';

type ColumnChooserProps = {
  open: boolean;
  onClose: () => void;
  available: AvailableColumns;
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
  onReset: () => void;
};

export function ColumnChooser({ open, onClose, available, chosen, onChange, onReset }: ColumnChooserProps) {
  const groups = [
    { title: 'Metrics', prefix: 'm:', keys: available.metrics },
    { title: 'Parameters that vary', prefix: 'p:', keys: available.varying },
    { title: 'Parameters that are the same in all runs', prefix: 'p:', keys: available.constant },
  ];
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Columns"
      footer={
        <>
          <Button variant="ghost" onClick={onReset}>
            Usual columns
          </Button>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {groups
        .filter(({ keys }) => keys.length > 0)
        .map(({ title, prefix, keys }) => (
          <fieldset key={title} className="mb-4">
            <legend className="mb-1.5 text-xs font-medium text-ink-3">{title}</legend>
            <div className="grid grid-cols-2 gap-x-4 gap-y-1">
              {keys.map((key) => (
                <label key={key} className="flex min-w-0 items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-3.5 shrink-0 accent-(--accent-solid)"
                    checked={chosen.has(`${prefix}${key}`)}
                    onChange={() => toggle(`${prefix}${key}`)}
                  />
                  <span className="truncate">{key}</span>
                </label>
              ))}
            </div>
          </fieldset>
        ))}
    </Dialog>
  );
}
