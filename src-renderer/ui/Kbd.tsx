import { keyLabels } from './keys.ts';

/** A shortcut such as "Mod+Shift+P", drawn for this platform. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex shrink-0 gap-0.5">
      {keyLabels(keys).map((label) => (
        <kbd
          key={label}
          className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-xs border border-line bg-inset px-1 font-sans text-2xs text-ink-2"
        >
          {label}
        </kbd>
      ))}
    </span>
  );
}
