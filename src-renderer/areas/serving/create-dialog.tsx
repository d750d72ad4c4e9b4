import { useState } from 'react';
import { Name } from '../../../src-main/contract/common.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction, useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Link } from '../../ui/Link.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';

export function CreateDialog({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const models = useData(['models', 'list'], (rpc, signal) => rpc.models.list(undefined, { signal }));
  const [chosenModel, setModel] = useState<string | null>(null);
  const model = chosenModel ?? models.data?.[0]?.name ?? null;
  const versions = useData(
    ['models', 'get', model],
    (rpc, signal) => rpc.models.get({ name: model ?? '' }, { signal }),
    { enabled: model !== null },
  );
  const numbers =
    versions.data?.versions.map(({ version }) => version).sort((a, b) => Number(b) - Number(a)) ?? [];
  const [chosenVersion, setVersion] = useState<string | null>(null);
  const version = chosenVersion !== null && numbers.includes(chosenVersion) ? chosenVersion : numbers[0];
  const [typed, setName] = useState<string | null>(null);
  const name = typed ?? (model && !taken.includes(model) ? model : '');

  const create = useAction(
    (rpc, input: { name: string; model: string; version: string }) => rpc.serving.create(input),
    {
      topics: ['serving', 'models', 'overview'],
      quiet: true,
      onDone: (endpoint) => {
        onClose();
        navigate(pathTo('serving', endpoint.name));
      },
    },
  );
  const problem = taken.includes(name)
    ? `An endpoint named ${name} exists already.`
    : name === ''
      ? null
      : (Name.safeParse(name).error?.issues[0]?.message ?? null);
  const failure = create.error ? reportOf(create.error) : null;
  const ready = model !== null && version !== undefined && name !== '' && problem === null;

  return (
    <Dialog
      open
      onClose={onClose}
      title="New endpoint"
      description="A URL that sends all its traffic to one version; split it later."
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!ready}
            busy={create.isPending}
            onClick={() => model && version && create.mutate({ name, model, version })}
          >
            Create endpoint
          </Button>
        </>
      }
    >
      {models.data?.length === 0 ? (
        <Callout tone="info" title="There is no model to serve yet.">
          <Link to="/models?import=1">Import one</Link> first.
        </Callout>
      ) : (
        <div className="flex flex-col gap-3">
          <Select
            label="Model"
            value={model ?? ''}
            onChange={setModel}
            options={models.data?.map((one) => ({ value: one.name, label: one.name })) ?? []}
          />
          <Select
            label="Version"
            value={version ?? ''}
            onChange={setVersion}
            options={numbers.map((number) => ({ value: number, label: `Version ${number}` }))}
          />
          <TextField
            label="Endpoint name"
            value={name}
            onChange={setName}
            error={problem}
            placeholder="flight-delay"
            help="Part of the URL: /v2/models/<name>/infer"
          />
          <FailureCallout report={failure} />
        </div>
      )}
    </Dialog>
  );
}
