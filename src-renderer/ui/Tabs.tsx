import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export type TabsProps<Id extends string> = {
  /** Says what the tabs choose between, for screen readers. */
  label: string;
  tabs: readonly { id: Id; title: string; count?: number; content: ReactNode }[];
  value: Id;
  onChange(id: Id): void;
};

/** Several faces of one thing. Only the chosen one is mounted. */
export function Tabs<Id extends string>({ label, tabs, value, onChange }: TabsProps<Id>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onChange(next as Id)}
      className="flex min-h-0 flex-col"
    >
      <Radix.List aria-label={label} className="flex shrink-0 gap-4 border-b border-line">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.id}
            value={tab.id}
            className="-mb-px flex items-center gap-1.5 border-b-2 border-transparent pt-1 pb-2 font-medium text-ink-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.title}
            {tab.count !== undefined && <span className="num text-xs text-ink-3">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.id} value={tab.id} className="min-h-0 flex-1 pt-4">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
