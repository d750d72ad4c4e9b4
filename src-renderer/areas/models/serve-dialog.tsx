import { useState } from 'react';
import { Name } from '../../../src-main/contract/common.ts';
import type { ModelVersion } from '../../../src-main/contract/models.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction, useData } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Link } from '../../ui/Link.tsx';
import { TextField } from '../../ui/TextField.tsx';

/** Puts a version behind a URL: a new endpoint, or an arm of one that already serves this model. */
export function ServeDialog({ version, onClose }: { version: ModelVersion; onClose: () => void }) {
  const endpoints = useData(['serving', 'list'], (rpc, signal) => rpc.serving.list(undefined, { signal }));
  const taken = new Set(endpoints.data?.map(({ name }) => name) ?? []);
  const same = endpoints.data?.filter(({ model }) => model === version.model) ?? [];
  const [typed, setName] = useState<string | null>(null);
  const name = typed ?? freeName(version, taken);
  const create = useAction(
    (rpc, endpoint: string) =>
      rpc.serving.create({ name: endpoint, model: version.model, version: version.version }),
    {
      topics: ['serving', 'models', 'overview'],
      quiet: true,
      onDone: (endpoint) => {
        onClose();
        navigate(pathTo('serving', endpoint.name));
      },
    },
  );
  const problem = taken.has(name)
    ? `An endpoint named ${name} exists already.`
    : (Name.safeParse(name).error?.issues[0]?.message ?? null);
  const failure = create.error ? reportOf(create.error) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Serve ${version.model} version ${version.version}`}
      description="Makes an endpoint with a URL of its own that sends all its traffic to this version."
      width="sm"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={problem !== null}
            busy={create.isPending}
            onClick={() => create.mutate(name)}
          >
            Create endpoint
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <TextField
          label="Endpoint name"
          value={name}
          onChange={setName}
          error={problem}
          help="Part of the URL: /v2/models/<name>/infer"
        />
        {same.length > 0 ? (
          <Callout tone="info" title="To try it against the present version, add it as an arm instead:">
            {same.map((endpoint) => (
              <span key={endpoint.name} className="mr-3">
                <Link to={`${pathTo('serving', endpoint.name)}?add=${version.version}`}>{endpoint.name}</Link>
              </span>
            ))}
          </Callout>
        ) : null}
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}

function freeName({ model, version }: ModelVersion, taken: ReadonlySet<string>): string {
  for (const name of [model, `${model}-v${version}`]) if (!taken.has(name)) return name;
  return `${model}-v${version}-b`;
}
