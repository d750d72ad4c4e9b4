/** The request as code to copy. */
import { Download } from 'lucide-react';
import { useState } from 'react';
import { formatBytes } from '../../../lib/format.ts';
import { saveBlob } from '../../../lib/save.ts';
import { Button } from '../../../ui/Button.tsx';
import { CodeBlock } from '../../../ui/CodeBlock.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { SegmentedControl } from '../../../ui/SegmentedControl.tsx';
import { BODY_FILE, isLong, LANGUAGES, type Language, type Sent, snippet } from './snippets.ts';

export function CodePanel({ sent, problem }: { sent: Sent | null; problem: string | null }) {
  const [language, setLanguage] = useState<Language>('curl');
  const name = LANGUAGES.find(({ value }) => value === language)?.label ?? language;
  return (
    <Panel
      title="Copy as"
      hint="exactly this request"
      actions={
        <SegmentedControl<Language>
          label="Language"
          options={LANGUAGES}
          value={language}
          onChange={setLanguage}
        />
      }
    >
      {sent === null ? (
        <p className="text-ink-3">{problem ?? 'The inference server is not listening.'}</p>
      ) : (
        <div className="flex flex-col gap-2">
          {isLong(sent) ? (
            <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
              The body has {formatBytes(sent.text.length)}: the code reads it from a file beside it.
              <Button
                size="sm"
                icon={Download}
                onClick={() => saveBlob(BODY_FILE, new Blob([sent.text], { type: 'application/json' }))}
              >
                Save {BODY_FILE}
              </Button>
            </div>
          ) : null}
          <CodeBlock code={snippet(language, sent)} label={`${name} code`} />
        </div>
      )}
    </Panel>
  );
}
