/** How labels reach Lathe from a program, as they come to be known. */
import { useState } from 'react';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { LANGUAGES, type Language, labelSnippet, type Way } from './label-snippets.ts';

export function SendLabels({ endpoint, url }: { endpoint: string; url: string | null }) {
  const [language, setLanguage] = useState<Language>('curl');
  const [way, setWay] = useState<Way>('id');
  const name = LANGUAGES.find(({ value }) => value === language)?.label ?? language;
  return (
    <Panel
      title="Send labels from a program"
      actions={
        <>
          <SegmentedControl<Way>
            label="How a label finds its prediction"
            value={way}
            onChange={setWay}
            options={[
              { value: 'id', label: 'By id' },
              { value: 'entity', label: 'By entity and time' },
            ]}
          />
          <SegmentedControl<Language>
            label="Language"
            options={LANGUAGES}
            value={language}
            onChange={setLanguage}
          />
        </>
      }
    >
      <p className="mb-2 text-ink-2">
        A label joins its prediction at once or weeks later. The same label again changes nothing; another one
        replaces it, and both stay in the history.
      </p>
      <CodeBlock code={labelSnippet(language, way, { endpoint, url })} label={`Labels with ${name}`} />
    </Panel>
  );
}
