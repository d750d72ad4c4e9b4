/** How to call an endpoint: its URL and a request that works, made from the signature and a real row. */
import { useState } from 'react';
import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { useData } from '../../lib/query.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { CodeBlock, CopyButton } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { bodyText, curlSnippet, inferBody, pythonSnippet, typescriptSnippet } from './snippets.ts';

type Language = 'curl' | 'python' | 'typescript' | 'json';
const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: 'curl', label: 'curl' },
  { value: 'python', label: 'Python' },
  { value: 'typescript', label: 'TypeScript' },
  { value: 'json', label: 'JSON' },
];

export function CallPanel({ endpoint }: { endpoint: Endpoint }) {
  const [language, setLanguage] = useState<Language>('curl');
  const main = endpoint.arms.toSorted((a, b) => b.weight - a.weight)[0]?.version ?? '1';
  const version = useData(['models', 'version', endpoint.model, main], (rpc, signal) =>
    rpc.models.version({ name: endpoint.model, version: main }, { signal }),
  );
  // A real row when there is one. Not under the monitoring topic: an example need not follow every change.
  const example = useData(['settings', 'example-row', endpoint.name], async (rpc, signal) => {
    const rows = await rpc.monitoring.predictions({ endpoint: endpoint.name, limit: 50 }, { signal });
    return mostComplete(rows);
  });
  const url = endpoint.url ?? `http://127.0.0.1:8000/v2/models/${endpoint.name}/infer`;
  return (
    <Panel
      title="Call it"
      hint={example.data ? 'with a row that it predicted' : 'with made-up values'}
      actions={
        <SegmentedControl<Language>
          label="Language"
          options={LANGUAGES}
          value={language}
          onChange={setLanguage}
        />
      }
    >
      <p className="mb-2 flex min-w-0 items-center gap-1">
        <code className="truncate" title={url}>
          POST {url}
        </code>
        <CopyButton text={url} label="Copy the URL" />
        {endpoint.url === null ? (
          <span className="shrink-0 text-xs text-warn">the gateway is not listening</span>
        ) : null}
      </p>
      <QueryState query={version} what="The signature">
        {({ inputs }) => {
          const body = inferBody(inputs, example.data?.features, example.data?.unit);
          const code = {
            curl: curlSnippet(url, body),
            python: pythonSnippet(url, body),
            typescript: typescriptSnippet(url, body),
            json: bodyText(body),
          }[language];
          return <CodeBlock code={code} label={`${language} example`} />;
        }}
      </QueryState>
    </Panel>
  );
}

type Prediction = Awaited<ReturnType<Rpc['monitoring']['predictions']>>[number];

/** The newest row with the fewest missing values: a request with zeros for what was missing would teach nothing. */
function mostComplete(rows: readonly Prediction[]): Prediction | null {
  const missing = ({ features }: Prediction) =>
    Object.values(features).filter((value) => value === null).length;
  return rows.reduce<Prediction | null>(
    (best, row) => (best && missing(best) <= missing(row) ? best : row),
    null,
  );
}
