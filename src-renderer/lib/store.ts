/** View state, and only that: what is folded, open, dismissed or just announced. */
import { create } from 'zustand';
import type { ErrorReport } from '../../src-main/contract/errors.ts';

export type ToastTone = 'info' | 'ok' | 'warn' | 'bad';
export type Toast = {
  id: number;
  tone: ToastTone;
  title: string;
  detail: string | null;
  action: { label: string; run: () => void } | null;
};

type ViewState = {
  sidebarCollapsed: boolean;
  paletteOpen: boolean;
  shortcutsOpen: boolean;
  dismissed: readonly string[];
  toasts: readonly Toast[];
};

const SHOWN_TOASTS = 4;
/** From what passes to what is grave. */
const GRAVITY: readonly (readonly ToastTone[])[] = [['ok', 'info'], ['warn'], ['bad']];
let nextToast = 1;

export const useViewStore = create<ViewState>(() => ({
  sidebarCollapsed: recall('sidebar') === 'collapsed',
  paletteOpen: false,
  shortcutsOpen: false,
  dismissed: (recall('dismissed') ?? '').split(',').filter(Boolean),
  toasts: [],
}));

export const setView = (patch: Partial<Omit<ViewState, 'toasts' | 'dismissed'>>): void => {
  useViewStore.setState(patch);
  if (patch.sidebarCollapsed !== undefined)
    remember('sidebar', patch.sidebarCollapsed ? 'collapsed' : 'open');
};

/** Hides a hint for good, on this machine. */
export function dismissHint(id: string): void {
  const dismissed = [...new Set([...useViewStore.getState().dismissed, id])];
  useViewStore.setState({ dismissed });
  remember('dismissed', dismissed.join(','));
}

function show(tone: ToastTone, title: string, options: Partial<Omit<Toast, 'id' | 'tone' | 'title'>> = {}) {
  const made: Toast = {
    id: nextToast++,
    tone,
    title,
    detail: options.detail ?? null,
    action: options.action ?? null,
  };
  useViewStore.setState(({ toasts }) => ({ toasts: stacked(toasts, made) }));
  return made.id;
}

/** The same words twice are one announcement; where there is no room, the oldest of the least grave gives way. */
function stacked(toasts: readonly Toast[], made: Toast): readonly Toast[] {
  const all = [
    ...toasts.filter(
      ({ tone, title, detail }) => tone !== made.tone || title !== made.title || detail !== made.detail,
    ),
    made,
  ];
  if (all.length <= SHOWN_TOASTS) return all;
  const others = all.slice(0, -1);
  const gone = GRAVITY.map((tones) => others.find(({ tone }) => tones.includes(tone))).find(Boolean);
  return all.filter((one) => one !== gone);
}

/** Announcements at the bottom right. `toast.undo('Moved alias', () => …)` offers to take it back. */
export const toast = {
  show,
  ok: (title: string, detail?: string) => show('ok', title, { detail: detail ?? null }),
  error: (report: ErrorReport) => show('bad', report.cause, { detail: `${report.remedy} (${report.code})` }),
  undo: (title: string, undo: () => void) => show('ok', title, { action: { label: 'Undo', run: undo } }),
  dismiss: (id: number) =>
    useViewStore.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) })),
};

/** Storage may be missing or full; then it is forgotten at the next start, no more. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`lathe.${key}`, value);
  } catch {
    // see above
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`lathe.${key}`);
  } catch {
    return null;
  }
}
