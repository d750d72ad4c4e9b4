/** Where a drawing is pointed at and read by keys: what is drawn or painted has no element of its own for that. */
import type { ComponentProps, KeyboardEventHandler, ReactNode } from 'react';

type ChartSurfaceProps = Omit<ComponentProps<'div'>, 'role' | 'tabIndex' | 'aria-label' | 'onKeyDown'> & {
  /** What it is, and what the keys do: "PSI by day. Arrow keys move the crosshair." */
  label: string;
  onKeyDown: KeyboardEventHandler<HTMLDivElement>;
};

export function ChartSurface({ label, ...rest }: ChartSurfaceProps): ReactNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no element of its own, and a fieldset is a form's.
    <div
      role="group"
      aria-roledescription="chart"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what is drawn is read by arrow keys.
      tabIndex={0}
      {...rest}
    />
  );
}
