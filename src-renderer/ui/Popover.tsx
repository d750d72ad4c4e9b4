import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useLayer } from './layer.ts';
import { Tooltip } from './Tooltip.tsx';

export type PopoverProps = {
  /** The button that opens it; takes a ref. */
  trigger: ReactNode;
  /** A few words on hover and focus, before it is opened. */
  tip?: ReactNode;
  /** What is in it, for screen readers. */
  label: string;
  width?: 'sm' | 'md' | 'lg';
  align?: 'start' | 'center' | 'end';
  children: ReactNode;
};

const WIDTHS = { sm: 'w-64', md: 'w-80', lg: 'w-[420px]' } as const;

/** A small panel beside what it explains. Escape and a click elsewhere close it; the focus goes back to its button. */
export function Popover({ trigger, tip, label, width = 'md', align = 'center', children }: PopoverProps) {
  const layer = useLayer();
  const button = <Radix.Trigger asChild>{trigger}</Radix.Trigger>;
  return (
    <Radix.Root>
      {tip ? (
        <Tooltip label={tip} side="top">
          {button}
        </Tooltip>
      ) : (
        button
      )}
      <Radix.Portal container={layer}>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={12}
          aria-label={label}
          // What does not fit scrolls, and is reached by keyboard where nothing in it takes the focus.
          tabIndex={0}
          // What is clicked or typed in it is not meant for the row or chart that its button stands in.
          onClick={(event) => event.stopPropagation()}
          onKeyDown={(event) => event.stopPropagation()}
          onPointerMove={(event) => event.stopPropagation()}
          className={`z-50 max-h-[min(70vh,var(--radix-popover-content-available-height))] max-w-[calc(100vw-24px)] overflow-auto rounded-md border border-line bg-raised p-3 text-sm text-ink shadow-lg ${WIDTHS[width]}`}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
