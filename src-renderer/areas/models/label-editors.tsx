/** Aliases and tags: shown as labels, added and taken away where they stand. */
import { Plus, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ModelAlias } from '../../../src-main/contract/common.ts';
import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { TextField } from '../../ui/TextField.tsx';
import { TONE_SOFT } from '../../ui/tone.ts';
import { setAlias, setTag } from './use-edit.ts';

export function AliasEditor({ model, version }: { model: RegisteredModel; version: ModelVersion }) {
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  const holder = model.aliases[name] ?? null;
  const problem = name === '' ? null : (ModelAlias.safeParse(name).error?.issues[0]?.message ?? null);
  const close = () => {
    setAdding(false);
    setName('');
  };
  const add = () => {
    if (name === '' || problem !== null) return;
    setAlias(model.name, name, holder, version.version);
    close();
  };
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {version.aliases.map((alias) => (
        <Label
          key={alias}
          tone="accent"
          remove={`Remove the alias ${alias}`}
          onRemove={() => setAlias(model.name, alias, version.version, null)}
        >
          @{alias}
        </Label>
      ))}
      {adding ? (
        <InlineForm onSubmit={add} onCancel={close} submit={holder === null ? 'Add' : 'Move'}>
          <div className="w-44">
            <TextField
              label="Alias"
              hideLabel
              autoFocus
              placeholder="champion"
              value={name}
              onChange={setName}
              error={problem}
              help={
                holder !== null && holder !== version.version ? `Version ${holder} has it now.` : undefined
              }
            />
          </div>
        </InlineForm>
      ) : (
        <Button size="sm" variant="ghost" icon={Plus} onClick={() => setAdding(true)}>
          Add alias
        </Button>
      )}
    </span>
  );
}

/** Tags of a version, or of the model when `version` is null. */
export function TagEditor({
  model,
  version,
  tags,
}: {
  model: string;
  version: string | null;
  tags: Readonly<Record<string, string>>;
}) {
  const [draft, setDraft] = useState<{ key: string; value: string } | null>(null);
  const add = () => {
    const key = draft?.key.trim() ?? '';
    if (!draft || key === '') return;
    setTag(model, version, key, tags[key] ?? null, draft.value);
    setDraft(null);
  };
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {Object.entries(tags)
        .filter(([key]) => !key.startsWith('mlflow.'))
        .map(([key, value]) => (
          <Label
            key={key}
            tone="neutral"
            remove={`Remove the tag ${key}`}
            onRemove={() => setTag(model, version, key, value, null)}
          >
            <button
              type="button"
              className="max-w-60 truncate rounded-xs hover:underline"
              title={`${key}: ${value}. Click to change it.`}
              onClick={() => setDraft({ key, value })}
            >
              <span className="font-normal">{key}</span>
              {value === '' ? null : <span>: {value}</span>}
            </button>
          </Label>
        ))}
      {draft ? (
        <InlineForm onSubmit={add} onCancel={() => setDraft(null)} submit="Save">
          <div className="w-32">
            <TextField
              label="Tag"
              hideLabel
              autoFocus
              placeholder="Tag"
              maxLength={250}
              value={draft.key}
              onChange={(key) => setDraft({ ...draft, key })}
            />
          </div>
          <div className="w-40">
            <TextField
              label="Value"
              hideLabel
              placeholder="Value"
              value={draft.value}
              onChange={(value) => setDraft({ ...draft, value })}
            />
          </div>
        </InlineForm>
      ) : (
        <Button size="sm" variant="ghost" icon={Plus} onClick={() => setDraft({ key: '', value: '' })}>
          Add tag
        </Button>
      )}
    </span>
  );
}

function Label(props: {
  tone: 'accent' | 'neutral';
  remove: string;
  onRemove: () => void;
  children: ReactNode;
}) {
  return (
    <span
      className={cx(
        'num inline-flex h-6 max-w-full items-center gap-0.5 rounded-xs pl-1.5 text-xs font-medium',
        TONE_SOFT[props.tone],
      )}
    >
      {props.children}
      <IconButton size="sm" icon={X} label={props.remove} onClick={props.onRemove} />
    </span>
  );
}

function InlineForm(props: { onSubmit(): void; onCancel(): void; submit: string; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit();
  };
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && props.onCancel()}
      className="inline-flex flex-wrap items-start gap-1.5"
    >
      {props.children}
      <Button type="submit" size="sm">
        {props.submit}
      </Button>
      <Button size="sm" variant="ghost" onClick={props.onCancel}>
        Cancel
      </Button>
    </form>
  );
}
