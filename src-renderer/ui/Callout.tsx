import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';
import { TONE_TEXT } from './tone.ts';

type CalloutTone = 'info' | 'ok' | 'warn' | 'bad';

const LOOKS: Record<CalloutTone, { icon: LucideIcon; box: string }> = {
  info: { icon: Info, box: 'bg-info-soft' },
  ok: { icon: CircleCheck, box: 'bg-ok-soft' },
  warn: { icon: TriangleAlert, box: 'bg-warn-soft' },
  bad: { icon: CircleAlert, box: 'bg-bad-soft' },
};

export type CalloutProps = { tone: CalloutTone; title: string; children?: ReactNode; actions?: ReactNode };

/** A remark in the flow of a view: what is the case, and what one may do. */
export function Callout({ tone, title, children, actions }: CalloutProps) {
  const { icon: Icon, box } = LOOKS[tone];
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'note'}
      className={cx('flex items-start gap-2.5 rounded-md px-3 py-2', box)}
    >
      <Icon size={15} aria-hidden="true" className={`mt-0.5 shrink-0 ${TONE_TEXT[tone]}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{title}</p>
        {children && <div className="break-words text-ink-2">{children}</div>}
      </div>
      {actions && <div className="flex shrink-0 gap-2">{actions}</div>}
    </div>
  );
}
