import type { ReactNode } from 'react';

export type KeyValueProps = {
  items: readonly { label: string; value: ReactNode; mono?: boolean }[];
};

/** Facts about one thing, name and value. */
export function KeyValue({ items }: KeyValueProps) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1.5">
      {items.map(({ label, value, mono }) => (
        <div key={label} className="contents">
          <dt className="text-ink-3">{label}</dt>
          <dd className={`min-w-0 break-words ${mono ? 'font-mono text-xs leading-5' : ''}`}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
