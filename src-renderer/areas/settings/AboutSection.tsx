import { ClipboardCopy, Stethoscope } from 'lucide-react';
import { formatDateTime } from '../../lib/format.ts';
import { useAction } from '../../lib/query.ts';
import { useConnection } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock, copyText } from '../../ui/CodeBlock.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Panel } from '../../ui/Panel.tsx';

const SECRETS = {
  keychain: 'in the keychain of this computer',
  file: 'in a file that only you can read',
  none: 'not kept',
} as const;

export function AboutSection() {
  const { hello } = useConnection();
  const diagnostics = useAction((rpc) => rpc.workspace.diagnostics(), {
    onDone: async ({ text }) => {
      if (await copyText(text)) toast.ok('Diagnostics copied');
    },
  });
  if (!hello) return null;
  return (
    <Panel
      title="About and diagnostics"
      actions={
        <Button
          size="sm"
          icon={diagnostics.data ? ClipboardCopy : Stethoscope}
          busy={diagnostics.isPending}
          onClick={() => diagnostics.mutate()}
        >
          Copy diagnostics
        </Button>
      }
    >
      <KeyValue
        items={[
          {
            label: 'Lathe',
            value: `${hello.version}, ${hello.host.kind === 'desktop' ? 'desktop' : 'in the browser'}`,
          },
          { label: 'Platform', value: hello.host.platform },
          { label: 'Engine started', value: formatDateTime(hello.startedMs) },
          { label: 'Secrets', value: SECRETS[hello.host.secrets] },
        ]}
      />
      <p className="mt-3 text-xs text-ink-3">
        Diagnostics are versions, services and the last lines of the log, with secrets removed. Nothing is
        sent anywhere: look at the text before you share it.
      </p>
      {diagnostics.data && (
        <div className="mt-3">
          <CodeBlock code={diagnostics.data.text} label="Diagnostics" />
        </div>
      )}
    </Panel>
  );
}
