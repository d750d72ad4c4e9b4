import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx.ts';
import { Spinner } from './Spinner.tsx';
import { Tooltip } from './Tooltip.tsx';

type Variant = 'primary' | 'secondary' | 'ghost' | 'danger';
type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> & {
  /** Takes the focus when its dialog opens. */
  'data-autofocus'?: string | undefined;
};

const VARIANTS: Record<Variant, string> = {
  primary: 'bg-accent-solid text-on-solid hover:bg-accent-solid-hover border-transparent',
  secondary:
    'bg-raised text-ink border-line-strong/55 hover:bg-hover hover:border-line-strong active:bg-pressed',
  ghost: 'border-transparent text-ink-2 hover:bg-hover hover:text-ink active:bg-pressed',
  danger: 'bg-bad-solid text-on-solid border-transparent hover:brightness-110',
};

const SHARED =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-sm border font-medium whitespace-nowrap select-none transition-colors duration-100 disabled:pointer-events-none disabled:opacity-45 aria-disabled:opacity-45';

export type ButtonProps = Native & {
  variant?: Variant;
  size?: 'sm' | 'md';
  icon?: LucideIcon;
  /** Shows a spinner and refuses clicks while something is under way. */
  busy?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement> | undefined;
};

/** A button with words. At most one `primary` in a view. */
export function Button({
  variant = 'secondary',
  size = 'md',
  icon: Icon,
  busy,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(
        SHARED,
        VARIANTS[variant],
        size === 'sm' ? 'h-6 px-2 text-xs' : 'h-(--control-h) px-2.5 text-sm',
      )}
    >
      {busy ? <Spinner /> : Icon && <Icon size={14} aria-hidden="true" />}
      {children}
    </button>
  );
}

export type IconButtonProps = Native & {
  icon: LucideIcon;
  /** What it does: the tooltip and the accessible name. */
  label: string;
  /** Shortcut shown in the tooltip, such as "Mod+K". */
  keys?: string;
  size?: 'sm' | 'md';
  /** Stays pressed: a toggle. */
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

/** A button with only an icon; its label shows as a tooltip. */
export function IconButton({ icon: Icon, label, keys, size = 'md', pressed, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label} {...(keys ? { keys } : {})}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        className={cx(
          SHARED,
          VARIANTS.ghost,
          size === 'sm' ? 'size-6' : 'size-(--control-h)',
          pressed && 'bg-selected text-accent',
        )}
      >
        <Icon size={size === 'sm' ? 14 : 15} aria-hidden="true" />
      </button>
    </Tooltip>
  );
}
