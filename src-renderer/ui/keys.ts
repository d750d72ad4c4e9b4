/** Shortcuts are written "Mod+Shift+P"; Mod is Command on a Mac and Control elsewhere. */

const MAC_LABELS: Record<string, string> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Ctrl: '⌃' };

export const isMac = (): boolean =>
  typeof navigator !== 'undefined' && /^Mac|^iP/.test(navigator.platform ?? '');

export function keyLabels(keys: string, mac = isMac()): string[] {
  return keys.split('+').map((key) => (mac ? (MAC_LABELS[key] ?? key) : key === 'Mod' ? 'Ctrl' : key));
}

type KeyEvent = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** Whether an event is this shortcut. "?" and other shifted signs are compared as they are typed. */
export function matchesKeys(event: KeyEvent, keys: string, mac = isMac()): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const has = (name: string) => parts.includes(name);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const otherMod = mac ? event.ctrlKey : event.metaKey;
  if (mod !== has('Mod') || otherMod !== has('Ctrl') || event.altKey !== has('Alt')) return false;
  const typed = /^[^a-zA-Z0-9]$/.test(key);
  if (!typed && event.shiftKey !== has('Shift')) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}
