/**
 * The model repository as the Open Inference Protocol's clients see it: names are endpoints, versions are those
 * the endpoint can be asked for. Protocols call this; how models come and go is model-table.ts.
 */
import type { EndpointSpec } from '../../platform/link.ts';
import type { ModelTable } from './model-table-types.ts';
import { type ServedModel, unavailable } from './served-model.ts';

/** The protocol's own words for a version's state. */
export type RepositoryState = 'READY' | 'LOADING' | 'UNLOADING' | 'UNAVAILABLE';
export type RepositoryRow = { name: string; version: string; state: RepositoryState; reason: string };

export type Repository = {
  /** Every version of every endpoint, by name and version. */
  index(): RepositoryRow[];
  /** The versions of one endpoint. Throws LATHE_SERVING_MODEL_NOT_FOUND. */
  status(name: string): RepositoryRow[];
  /**
   * Loads what the endpoint serves, tries what failed again, and resolves when every version is ready. Rejects
   * with what kept the first one from it; a version that was serving before goes on serving.
   */
  load(name: string): Promise<void>;
  /**
   * Takes the endpoint's models out of memory and resolves when that is done: what is queued is answered first,
   * what comes later gets LATHE_SERVING_MODEL_UNAVAILABLE until `load`. Endpoints of the same model share its fate.
   */
  unload(name: string): Promise<void>;
};

export function createRepository(ports: {
  models: ModelTable;
  /** Told before it is done, so that it is remembered. */
  asked(model: string, loaded: boolean): void;
  endpoints(): Iterable<EndpointSpec>;
  /** Throws LATHE_SERVING_MODEL_NOT_FOUND. */
  endpoint(name: string): EndpointSpec;
}): Repository {
  const { models } = ports;

  const versionsOf = ({ model }: EndpointSpec): ServedModel[] =>
    [...models.all()]
      .filter(({ spec }) => spec.model === model)
      .sort((left, right) => Number(left.spec.version) - Number(right.spec.version));

  const rows = (endpoint: EndpointSpec): RepositoryRow[] =>
    versionsOf(endpoint).map((model) => ({
      name: endpoint.name,
      version: model.spec.version,
      state: stateOf(model),
      reason: model.state === 'ready' ? '' : reasonOf(model),
    }));

  return {
    index: () =>
      [...ports.endpoints()].sort((left, right) => (left.name < right.name ? -1 : 1)).flatMap(rows),
    status: (name) => rows(ports.endpoint(name)),
    async load(name) {
      const endpoint = ports.endpoint(name);
      ports.asked(endpoint.model, true);
      await models.setLoaded(endpoint.model, true);
      for (const model of versionsOf(endpoint))
        if (model.state !== 'ready') throw unavailable(name, model.spec.version, model);
    },
    unload(name) {
      const { model } = ports.endpoint(name);
      ports.asked(model, false);
      return models.setLoaded(model, false);
    },
  };
}

function stateOf({ state }: ServedModel): RepositoryState {
  if (state === 'ready') return 'READY';
  if (state === 'loading') return 'LOADING';
  return state === 'unloading' ? 'UNLOADING' : 'UNAVAILABLE';
}

function reasonOf(model: ServedModel): string {
  if (model.state === 'failed') return model.error?.cause ?? 'loading it failed';
  return model.wanted ? '' : 'unloaded';
}
