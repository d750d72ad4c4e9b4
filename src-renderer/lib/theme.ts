/** Theme and density on <html>, and the resolved colours that a canvas needs. */
import { useSyncExternalStore } from 'react';
import type { Settings } from '../../src-main/contract/settings.ts';
import { remember } from './store.ts';

const CHANGED = 'lathe-theme';

export function applyAppearance({ theme, density }: Pick<Settings, 'theme' | 'density'>): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  if (density === 'compact') dataset.density = 'compact';
  else delete dataset.density;
  // The browser tab reads these before its first paint; the desktop is told by its preload.
  remember('theme', theme);
  remember('density', density);
  window.dispatchEvent(new Event(CHANGED));
}

export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === 'dark' : window.matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Re-renders when the colours change; use it wherever colours are drawn on a canvas. */
export const useDark = (): boolean => useSyncExternalStore(subscribe, isDark);

/** The present value of a colour token, e.g. tokenColor('--chart-1'), in a form a canvas accepts. */
export function tokenColor(token: `--${string}`): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia('(prefers-color-scheme: dark)');
  media.addEventListener('change', listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    media.removeEventListener('change', listener);
    window.removeEventListener(CHANGED, listener);
  };
}
