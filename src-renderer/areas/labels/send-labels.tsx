/** How labels reach Lathe from a program, as they come to be known. */
import { useState } from 'react';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { LANGUAGES, type Language, labelSnippet } from './label-snippets.ts';

export function SendLabels({ url }: { url: string | null }) {
  const [language, setLanguage] = useState<Language>('curl');
  const name = LANGUAGES.find(({ value }) => value === language)?.label ?? language;
  return (
    <Panel
      title="Send labels from a program"
      actions={
        <SegmentedControl<Language>
          label="Language"
          options={LANGUAGES}
          value={language}
          onChange={setLanguage}
        />
      }
    >
      <p className="mb-2 text-ink-2">
        A label joins its prediction by the id of the answer, at once or weeks later. The same label again
        changes nothing; another one replaces it, and both stay in the history.
      </p>
      <CodeBlock code={labelSnippet(language, url)} label={`Labels with ${name}`} />
    </Panel>
  );
}
