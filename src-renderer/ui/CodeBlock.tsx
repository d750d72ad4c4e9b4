import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './Button.tsx';
import { ScrollRegion } from './ScrollRegion.tsx';

/** Copies text and says for a moment that it did. */
export function CopyButton({
  text,
  label = 'Copy',
  size = 'sm',
}: {
  text: string;
  label?: string;
  size?: 'sm' | 'md';
}) {
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), 1_600);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copyText(text)) ? 'copied' : 'failed');
  return (
    <>
      <IconButton
        icon={state === 'copied' ? Check : Copy}
        label={state === 'copied' ? 'Copied' : state === 'failed' ? 'Could not copy' : label}
        size={size}
        onClick={copy}
      />
      <span className="sr-only" role="status">
        {state === 'copied' ? 'Copied' : ''}
      </span>
    </>
  );
}

/** Puts text on the clipboard; false where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Code to read and copy. `label` says what it is when the text around does not. */
export function CodeBlock({ code, label, wrap }: { code: string; label?: string; wrap?: boolean }) {
  return (
    <div className="group/code relative rounded-sm border border-line bg-inset">
      <ScrollRegion label={label ?? 'Code'} className="max-h-96 rounded-sm px-3 py-2 pr-10">
        <pre className={`text-xs leading-5 ${wrap ? 'break-words whitespace-pre-wrap' : ''}`}>
          <code>{code}</code>
        </pre>
      </ScrollRegion>
      <div className="absolute top-1 right-1">
        <CopyButton text={code} />
      </div>
    </div>
  );
}
