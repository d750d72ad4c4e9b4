import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Toast, toast as toasts, useViewStore } from '../lib/store.ts';
import { Button, IconButton } from './Button.tsx';
import { TONE_TEXT } from './tone.ts';

const ICONS: Record<Toast['tone'], LucideIcon> = {
  info: Info,
  ok: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
};
const SHOWN_MS = 6_000;

/** Announcements, newest below. Errors stay; the rest leave after six seconds unless pointed at. */
export function Toasts() {
  const shown = useViewStore((state) => state.toasts);
  return (
    <section
      aria-label="Notifications"
      aria-live="polite"
      className="pointer-events-none fixed right-4 bottom-10 z-40 flex w-[360px] max-w-[calc(100vw-32px)] flex-col gap-2"
    >
      {shown.map((one) => (
        <ToastCard key={one.id} toast={one} />
      ))}
    </section>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || toast.sticky) return;
    const timer = setTimeout(() => toasts.dismiss(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, toast]);

  const { action } = toast;
  const Icon = ICONS[toast.tone];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only stops its clock.
    <div
      role={toast.tone === 'bad' ? 'alert' : undefined}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex animate-[lathe-rise_160ms_ease-out] items-start gap-2.5 rounded-md border border-line bg-raised py-2.5 pr-2 pl-3 shadow-lg"
    >
      <Icon size={16} aria-hidden="true" className={`mt-0.5 shrink-0 ${TONE_TEXT[toast.tone]}`} />
      <div className="min-w-0 flex-1">
        <p className="font-medium break-words">{toast.title}</p>
        {toast.detail && <p className="mt-0.5 text-xs break-words text-ink-2">{toast.detail}</p>}
      </div>
      {action && (
        <Button
          size="sm"
          onClick={() => {
            toasts.dismiss(toast.id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon={X} label="Dismiss" size="sm" onClick={() => toasts.dismiss(toast.id)} />
    </div>
  );
}
