import type { LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { Kbd } from './Kbd.tsx';
import { useLayer } from './layer.ts';

export type MenuItem =
  | {
      id: string;
      label: string;
      icon?: LucideIcon;
      keys?: string;
      danger?: boolean;
      /** Why it cannot be done now; the item is then disabled and says so. */
      reason?: string | null;
      run(): void;
    }
  | 'separator';

export type MenuProps = {
  /** The button that opens it; takes a ref. */
  trigger: ReactNode;
  items: readonly MenuItem[];
  align?: 'start' | 'end';
};

/** Actions behind a button. Not modal, so that the page keeps scrolling and no style is injected. */
export function Menu({ trigger, items, align = 'end' }: MenuProps) {
  const layer = useLayer();
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-44 rounded-md border border-line bg-raised p-1 text-sm text-ink shadow-lg"
        >
          {items.map((item, at) =>
            item === 'separator' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: separators have no other identity.
              <Radix.Separator key={`separator-${at}`} className="-mx-1 my-1 h-px bg-line" />
            ) : (
              <Radix.Item
                key={item.id}
                disabled={Boolean(item.reason)}
                onSelect={item.run}
                className={cx(
                  'flex min-h-7 items-center gap-2 rounded-sm px-2 outline-none select-none data-highlighted:bg-hover',
                  item.danger && 'text-bad',
                  item.reason && 'text-ink-3',
                )}
              >
                {item.icon && <item.icon size={14} aria-hidden="true" className="shrink-0" />}
                <span className="min-w-0 flex-1">
                  {item.label}
                  {item.reason && <span className="block text-xs">{item.reason}</span>}
                </span>
                {item.keys && <Kbd keys={item.keys} />}
              </Radix.Item>
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
