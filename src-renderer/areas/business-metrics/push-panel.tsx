/** How figures reach Lathe from a program. */
import { useState } from 'react';
import { useData } from '../../lib/query.ts';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { LANGUAGES, type Language, pushSnippet } from './snippets.ts';

export function PushPanel({ endpoint, metric }: { endpoint: string; metric: string }) {
  const [language, setLanguage] = useState<Language>('curl');
  const serving = useData(['serving', 'get', endpoint], (rpc, signal) =>
    rpc.serving.get({ name: endpoint }, { signal }),
  );
  const name = LANGUAGES.find(({ value }) => value === language)?.label ?? language;
  return (
    <Panel
      title="Push values from a program"
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
        Each value says what it is about (a day, an hour), which may be long ago: late figures are what is
        usual.
      </p>
      <CodeBlock
        code={pushSnippet(language, { endpoint, metric, url: serving.data?.url ?? null })}
        label={`Business metrics with ${name}`}
      />
    </Panel>
  );
}
