import type { ReactNode } from 'react';

/** One setting: what it is and means on the left, its control on the right. */
export function SettingRow({
  title,
  help,
  children,
}: {
  title: string;
  help: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,260px)] items-start gap-x-8 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 max-sm:grid-cols-1">
      <div className="min-w-0">
        <p className="font-medium">{title}</p>
        <p className="text-xs text-ink-3">{help}</p>
      </div>
      <div className="flex min-w-0 flex-col items-end max-sm:items-start">{children}</div>
    </div>
  );
}
