import { Copy } from 'lucide-react';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { copyText } from '../../ui/CodeBlock.tsx';

/** The one thing training code needs to know. */
export function CopyTrackingUrl({ url }: { url: string }) {
  const copy = async () => {
    if (await copyText(url)) toast.ok('Tracking URL copied', url);
    else toast.show('warn', 'The clipboard refused the text', { detail: url });
  };
  return (
    <Button variant="primary" icon={Copy} onClick={copy}>
      Copy the tracking URL
    </Button>
  );
}
