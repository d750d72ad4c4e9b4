/** Try an endpoint: make a request, send it for real, read the answer, take the code along. */
import { Send } from 'lucide-react';
import { type KeyboardEvent, useMemo, useState } from 'react';
import type { ModelVersion } from '../../../src-main/contract/models.ts';
import { type Endpoint, TRY_BODY_CHARS } from '../../../src-main/contract/serving.ts';
import { reportOf } from '../../lib/errors.ts';
import { plural } from '../../lib/format.ts';
import { useAction } from '../../lib/query.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { TextArea, TextField } from '../../ui/TextField.tsx';
import { AnswerPanel, type Outcome } from './try/answer-panel.tsx';
import { CodePanel } from './try/code-panel.tsx';
import { columnsOf, csvDraft, MOST_ROWS } from './try/csv-rows.ts';
import { FormEditor } from './try/form-editor.tsx';
import { formDraft, formValues } from './try/form-rules.ts';
import { ImageEditor } from './try/image-editor.tsx';
import { imageInput } from './try/image-rules.ts';
import { bodyProblems, type Draft, type Features, isReady, rowsIn } from './try/request-body.ts';
import { StartMenu } from './try/start-menu.tsx';
import { type LoggedRow, useStart } from './try/use-start.ts';

export function TryTab({ endpoint }: { endpoint: Endpoint }) {
  const { version, logged, example, settled } = useStart(endpoint);
  return (
    <QueryState query={version} what="The signature">
      {(data) =>
        settled ? (
          <Console endpoint={endpoint} version={data} logged={logged} example={example} />
        ) : (
          <SkeletonRows label="Looking for a row to begin with" />
        )
      }
    </QueryState>
  );
}

type Mode = 'form' | 'json' | 'csv' | 'image';
type ConsoleProps = {
  endpoint: Endpoint;
  version: ModelVersion;
  logged: readonly LoggedRow[];
  example: Features | null;
};

function Console({ endpoint, version, logged, example }: ConsoleProps) {
  const specs = version.inputs;
  const image = imageInput(specs);
  const columns = columnsOf(specs);
  const [mode, setMode] = useState<Mode>(image ? 'image' : 'form');
  const [values, setValues] = useState(() => formValues(specs, logged[0]?.features ?? example));
  const [unit, setUnit] = useState(logged[0]?.unit ?? '');
  const [json, setJson] = useState('');
  const [csv, setCsv] = useState('');
  const [picture, setPicture] = useState<Draft>({ problem: 'Choose a picture.' });
  const [arm, setArm] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  const problems = useMemo(() => (mode === 'json' ? bodyProblems(json, specs) : []), [mode, json, specs]);
  const draft = useMemo((): Draft => {
    if (mode === 'form') return formDraft(specs, values, unit);
    if (mode === 'csv') return csvDraft(specs, csv, unit);
    if (mode === 'image') return picture;
    // What the server would refuse may be sent all the same: to see how it refuses.
    return json.trim() === '' ? { problem: 'Write a body.' } : { text: json, rows: rowsIn(json) };
  }, [mode, specs, values, unit, csv, picture, json]);
  const tooLong = isReady(draft) && draft.text.length > TRY_BODY_CHARS;
  const forced = endpoint.arms.some(({ key }) => key === arm) ? arm : null;

  const send = useAction(
    (rpc, body: string) => rpc.serving.tryIt({ name: endpoint.name, arm: forced, body }),
    { quiet: true, onDone: (answer) => setOutcome({ answer }) },
  );
  const failure = send.error ? reportOf(send.error) : null;
  const submit = () => {
    if (isReady(draft) && !tooLong && !send.isPending) send.mutate(draft.text);
  };
  const choose = (next: Mode) => {
    // The text begins as what was made so far.
    if (next === 'json' && isReady(draft) && draft.text.length < LONGEST_EDIT) setJson(draft.text);
    setMode(next);
  };
  const fill = (features: Features | null, next: string) => {
    setValues(formValues(specs, features));
    setUnit(next);
  };
  const modes: { value: Mode; label: string; disabled?: boolean }[] = [
    { value: 'form', label: 'Form' },
    { value: 'json', label: 'JSON' },
    { value: 'csv', label: 'CSV', disabled: columns === null },
    ...(image ? [{ value: 'image' as const, label: 'Image' }] : []),
  ];
  const [spec] = specs;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut of the button, from anywhere in the request.
    <div
      className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)]"
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
      }}
    >
      <Panel
        title="Request"
        hint={isReady(draft) ? plural(draft.rows, 'row') : null}
        actions={
          <SegmentedControl<Mode> label="Write it as" options={modes} value={mode} onChange={choose} />
        }
      >
        <div className="flex flex-col gap-3">
          {mode === 'form' ? (
            <>
              <StartMenu logged={logged} example={example} onFill={fill} />
              <FormEditor specs={specs} values={values} onChange={setValues} />
            </>
          ) : null}
          {mode === 'json' ? (
            <>
              <TextArea
                label="Open Inference Protocol request"
                value={json}
                onChange={setJson}
                rows={16}
                mono
              />
              {problems.length > 0 && json.trim() !== '' ? (
                <Callout tone="warn" title="The server will refuse this">
                  <ul>
                    {problems.map((problem) => (
                      <li key={problem}>{problem}</li>
                    ))}
                  </ul>
                </Callout>
              ) : null}
            </>
          ) : null}
          {mode === 'csv' ? (
            <TextArea
              label="Rows"
              value={csv}
              onChange={setCsv}
              rows={8}
              mono
              placeholder={columns?.join(',') ?? ''}
              help={`Up to ${MOST_ROWS} rows, with a header of input names or in the order of the signature`}
              error={csv.trim() !== '' && !isReady(draft) ? draft.problem : null}
            />
          ) : null}
          {mode === 'image' && image && spec ? (
            <ImageEditor spec={spec} image={image} onDraft={setPicture} />
          ) : null}
          <div className="grid grid-cols-1 items-end gap-3 border-t border-line pt-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]">
            <Select
              label="Arm"
              value={forced ?? ''}
              onChange={setArm}
              options={[
                { value: '', label: 'As the route decides' },
                ...endpoint.arms.map(({ key, version: number }) => ({
                  value: key,
                  label: `${key} v${number}`,
                })),
              ]}
            />
            {mode === 'form' || mode === 'csv' ? (
              <TextField
                label="Unit (optional)"
                value={unit}
                onChange={setUnit}
                placeholder="who or what asks"
              />
            ) : (
              <span />
            )}
            <Button
              variant="primary"
              icon={Send}
              busy={send.isPending}
              disabled={!isReady(draft) || tooLong}
              onClick={submit}
              title="Ctrl+Enter"
            >
              Send
            </Button>
          </div>
          {tooLong ? (
            <Callout tone="warn" title="This request is too large to be sent from here.">
              Make the picture smaller, or send it from a program: the code below does.
            </Callout>
          ) : null}
        </div>
      </Panel>
      <AnswerPanel outcome={failure ? { failure } : outcome} busy={send.isPending} />
      <div className="min-w-0 xl:col-span-2">
        <CodePanel
          sent={
            isReady(draft) && endpoint.url && (mode !== 'json' || isJson(draft.text))
              ? { endpoint: endpoint.name, url: endpoint.url, arm: forced, text: draft.text }
              : null
          }
          problem={isReady(draft) ? (problems[0] ?? null) : draft.problem}
        />
      </div>
    </div>
  );
}

/** A longer body would make the field slow; it stays what it is, to be sent or saved. */
const LONGEST_EDIT = 200_000;

function isJson(text: string): boolean {
  try {
    return Array.isArray((JSON.parse(text) as { inputs?: unknown }).inputs);
  } catch {
    return false;
  }
}
