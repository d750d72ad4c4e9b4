import type { AnchorHTMLAttributes, Ref } from 'react';
import { cx } from './cx.ts';

export type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> & {
  /** A route of the app such as /models/flight-delay. */
  to: string;
  /** Takes the colour of its surroundings until it is pointed at. */
  quiet?: boolean;
  ref?: Ref<HTMLAnchorElement>;
};

/** A link inside the app. */
export function Link({ to, quiet, className, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={`#${to}`}
      className={cx(
        'rounded-xs underline-offset-2 hover:underline',
        quiet ? 'text-inherit hover:text-ink' : 'text-accent',
        className,
      )}
    />
  );
}
