/**
 * The part of MLflow's API that `lathe run` writes a run with, at the running Lathe's own MLflow port. Lathe may be
 * started again meanwhile, perhaps at another port: a call that nobody answers asks for the address again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LatheError } from '../../contract/errors.ts';

export type Pairs = Readonly<Record<string, string>>;
export type Status = 'FINISHED' | 'FAILED' | 'KILLED';
export type CreatedRun = { id: string; name: string; experimentId: string; root: string };
export type DatasetInput = { name: string; digest: string; source: string; profile: string; sha256: string };

export type Tracking = {
  url(): string;
  /** The id of the experiment of that name, made when there is none. */
  experiment(name: string): Promise<string>;
  createRun(run: { experimentId: string; name: string; user: string; tags: Pairs }): Promise<CreatedRun>;
  setTags(run: CreatedRun, tags: Pairs): Promise<void>;
  logInputs(run: CreatedRun, datasets: readonly DatasetInput[]): Promise<void>;
  putFile(run: CreatedRun, path: string, content: string | Buffer | Blob): Promise<void>;
  /** Ends it, unless the script itself said that it failed. */
  endRun(run: CreatedRun, status: Status): Promise<void>;
};

const OURS = 'mlflow-artifacts:/';
const MOST_TAGS = 100;
const RETRIES = 12;
const WAIT_MS = 250;
const MOST_WAIT_MS = 4_000;

/** `address` looks up where the tracking server answers now. */
export async function openTracking(address: () => Promise<string>): Promise<Tracking> {
  let base = await address();

  async function send(what: string, request: (base: string) => Promise<Response>): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await request(base);
        const body = await response.text();
        if (response.ok) return parsed(body);
        const { message = body } = parsed(body) as { message?: string };
        throw new Refused(response.status, message.slice(0, 500));
      } catch (thrown) {
        const refused = thrown instanceof Refused && thrown.status < 500;
        if (refused || attempt >= RETRIES) {
          const reason = thrown instanceof Error ? thrown.message : String(thrown);
          throw new LatheError('LATHE_RUN_NOT_RECORDED', { what, reason }, { cause: thrown });
        }
        await sleep(Math.min(MOST_WAIT_MS, WAIT_MS * 2 ** attempt));
        base = await address().catch(() => base);
      }
    }
  }
  const post = (what: string, path: string, body: object) =>
    send(what, (at) =>
      fetch(`${at}/api/2.0/mlflow/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const get = (what: string, path: string) => send(what, (at) => fetch(`${at}/api/2.0/mlflow/${path}`));

  return {
    url: () => base,
    async experiment(name) {
      const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
      const what = `the experiment ${name}`;
      try {
        const { experiment } = (await get(what, query)) as { experiment: { experiment_id: string } };
        return experiment.experiment_id;
      } catch (thrown) {
        const cause = thrown instanceof LatheError ? thrown.cause : null;
        if (!(cause instanceof Refused && cause.status === 404)) throw thrown;
        return ((await post(what, 'experiments/create', { name })) as { experiment_id: string })
          .experiment_id;
      }
    },
    async createRun({ experimentId, name, user, tags }) {
      const body = {
        ...{ experiment_id: experimentId, user_id: user, start_time: Date.now() },
        ...(name === '' ? {} : { run_name: name }),
        tags: entries(tags),
      };
      const { run } = (await post('the run', 'runs/create', body)) as {
        run: { info: { run_id: string; run_name: string; artifact_uri: string } };
      };
      const { run_id: id, run_name: given, artifact_uri: root } = run.info;
      return { id, name: given, experimentId, root };
    },
    async setTags(run, tags) {
      const all = entries(tags);
      for (let at = 0; at < all.length; at += MOST_TAGS)
        await post('tags', 'runs/log-batch', { run_id: run.id, tags: all.slice(at, at + MOST_TAGS) });
    },
    async logInputs(run, datasets) {
      await post('the data', 'runs/log-inputs', {
        run_id: run.id,
        datasets: datasets.map(({ name, digest, source, profile, sha256 }) => ({
          tags: [{ key: 'lathe.sha256', value: sha256 }],
          dataset: { name, digest, source_type: 'local', source, profile },
        })),
      });
    },
    async putFile(run, path, content) {
      if (!run.root.startsWith(OURS))
        throw new LatheError('LATHE_RUN_NOT_RECORDED', {
          what: path,
          reason: `the experiment keeps its files at ${run.root}`,
        });
      const folder = run.root.slice(OURS.length).replace(/^\/+/, '');
      const place = `${folder}/${path}`.split('/').map(encodeURIComponent).join('/');
      const body = Buffer.isBuffer(content) ? new Uint8Array(content) : content;
      await send(path, (at) =>
        fetch(`${at}/api/2.0/mlflow-artifacts/artifacts/${place}`, { method: 'PUT', body }),
      );
    },
    async endRun(run, status) {
      const { run: found } = (await get('the run', `runs/get?run_id=${run.id}`)) as {
        run: { info: { status: string } };
      };
      const said = found.info.status;
      const kept = status === 'FINISHED' && (said === 'FAILED' || said === 'KILLED') ? said : status;
      await post('the end of the run', 'runs/update', { run_id: run.id, status: kept, end_time: Date.now() });
    },
  };
}

type Answer = Record<string, unknown>;

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const entries = (pairs: Pairs) => Object.entries(pairs).map(([key, value]) => ({ key, value }));

function parsed(body: string): Answer {
  try {
    return JSON.parse(body) as Answer;
  } catch {
    return {};
  }
}
