import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { type Toast, type ToastTone, toast as toasts, useViewStore } from '../lib/store.ts';
import { Button, IconButton } from './Button.tsx';
import { cx } from './cx.ts';
import { TONE_TEXT } from './tone.ts';

const ICONS: Record<ToastTone, LucideIcon> = {
  info: Info,
  ok: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
};
/** How long one stays: as long as it takes to be read and acted upon. What an alert told stays in the inbox. */
const SHOWN_MS: Record<ToastTone, number> = { ok: 6_000, info: 6_000, warn: 12_000, bad: 60_000 };

/**
 * Announcements, newest below, the grave ones nearest to the corner so that those that pass do not move them. Each leaves
 * by itself, and waits while it is pointed at, has the focus, or the window is hidden.
 */
export function Toasts() {
  const shown = useViewStore((state) => state.toasts);
  const away = useSyncExternalStore(onVisibility, isHidden);
  const cards = (grave: boolean) =>
    shown
      .filter(({ tone }) => (tone === 'bad') === grave)
      .map((one) => <ToastCard key={one.id} toast={one} away={away} />);
  return (
    <section
      aria-label="Notifications"
      className="pointer-events-none fixed right-4 bottom-10 z-40 flex w-[360px] max-w-[calc(100vw-32px)] flex-col"
    >
      {/* Both are there from the start: what is put into a live region is read out, a region that is put in is not. */}
      <div aria-live="polite" className="flex flex-col">
        {cards(false)}
      </div>
      <div aria-live="assertive" className="flex flex-col">
        {cards(true)}
      </div>
    </section>
  );
}

const isHidden = (): boolean => document.hidden;

function onVisibility(changed: () => void): () => void {
  document.addEventListener('visibilitychange', changed);
  return () => document.removeEventListener('visibilitychange', changed);
}

function ToastCard({ toast, away }: { toast: Toast; away: boolean }) {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const held = pointed || focused || away;
  const { id, tone, action } = toast;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => toasts.dismiss(id), SHOWN_MS[tone]);
    return () => clearTimeout(timer);
  }, [held, id, tone]);

  const Icon = ICONS[tone];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only stops its clock.
    <div
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      className="pointer-events-auto mt-2 flex animate-[lathe-rise_160ms_ease-out] items-start gap-2.5 rounded-md border border-line bg-raised py-2.5 pr-2 pl-3 shadow-lg"
    >
      <Icon size={16} aria-hidden="true" className={`mt-0.5 shrink-0 ${TONE_TEXT[tone]}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{toast.title}</p>
        {toast.detail && (
          // Cut only where the action leads to all of it.
          <p className={cx('mt-0.5 text-xs break-words text-ink-2', action && 'line-clamp-3')}>
            {toast.detail}
          </p>
        )}
      </div>
      {action && (
        <Button
          size="sm"
          onClick={() => {
            toasts.dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon={X} label="Dismiss" size="sm" onClick={() => toasts.dismiss(id)} />
    </div>
  );
}
