import type { CSSProperties, ReactNode, Ref } from 'react';
import { cx } from './cx.ts';

export type ScrollRegionProps = {
  /** What it holds: "First rows of the file". */
  label: string;
  /** Its greatest height, its border, and the like. */
  className?: string;
  style?: CSSProperties;
  children: ReactNode;
  ref?: Ref<HTMLElement>;
};

/** A box that scrolls by itself, and is reached by keyboard for that even where nothing in it takes the focus. */
export function ScrollRegion({ label, className, style, children, ref }: ScrollRegionProps) {
  return (
    <section
      ref={ref}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      className={cx('overflow-auto', className)}
      style={style}
    >
      {children}
    </section>
  );
}
