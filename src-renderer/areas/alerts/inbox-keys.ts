/** The keyboard in the inbox: J and K go through it, E acknowledges, S snoozes; Enter opens, as on any link. */
import { type RefObject, useEffect, useRef } from 'react';

/** The keys work wherever the focus is in the view, as long as nobody types and nothing floats above. */
export function useInboxKeys(list: RefObject<HTMLElement | null>, onAcknowledge: (id: string) => void): void {
  const latest = useRef(onAcknowledge);
  latest.current = onAcknowledge;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      if (target.closest('input:not([type=radio]),select,textarea,dialog,[role=menu]')) return;
      const step = STEPS[event.key];
      const links = [...(list.current?.querySelectorAll<HTMLElement>('[data-alert]') ?? [])];
      const row = target.closest('li');
      const at = links.findIndex((link) => row?.contains(link));
      if (step !== undefined) {
        // Arrow keys belong to the radio buttons above while these have the focus.
        if (event.key.startsWith('Arrow') && at < 0) return;
        const next = links[Math.max(0, Math.min(links.length - 1, at + step))];
        next?.focus();
        next?.scrollIntoView({ block: 'nearest' });
      } else if (event.key === 'e' && at >= 0) latest.current(links[at]?.dataset.alert ?? '');
      else if (event.key === 's' && at >= 0) openSnooze(row);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [list]);
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function openSnooze(row: Element | null): void {
  const trigger = row?.querySelector<HTMLElement>('[data-snooze]');
  trigger?.focus();
  // The menu opens on Enter, as for anybody at the keyboard.
  trigger?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
}
