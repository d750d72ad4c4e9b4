import { Dices, Eraser, FileInput } from 'lucide-react';
import { Button } from '../../../ui/Button.tsx';
import type { Features } from './request-body.ts';
import type { LoggedRow } from './use-start.ts';

/** Fills the form from what is known. */
export function StartMenu({
  logged,
  example,
  onFill,
}: {
  logged: readonly LoggedRow[];
  example: Features | null;
  onFill: (features: Features | null, unit: string) => void;
}) {
  const random = () => {
    const row = logged[Math.floor(Math.random() * logged.length)];
    if (row) onFill(row.features, row.unit ?? '');
  };
  return (
    <div className="flex flex-wrap gap-1">
      <Button size="sm" variant="ghost" icon={Dices} disabled={logged.length === 0} onClick={random}>
        A row it predicted
      </Button>
      {example ? (
        <Button size="sm" variant="ghost" icon={FileInput} onClick={() => onFill(example, '')}>
          The model’s example
        </Button>
      ) : null}
      <Button size="sm" variant="ghost" icon={Eraser} onClick={() => onFill(null, '')}>
        Blank
      </Button>
    </div>
  );
}
