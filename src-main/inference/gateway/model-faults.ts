/** When a model that ends or blocks the runner is given up. Each counts the fault, and returns the error then. */
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { ModelSpec } from '../../platform/link.ts';
import { ON_CPU, sessionOf } from '../model-key.ts';
import type { ServedModel } from './served-model.ts';

const MAX_LOAD_DEATHS = 2;
/** Deaths of the runner with no answer of the model between them; runs that never ended. */
const MAX_CRASHES = 3;
const MAX_HANGS = 3;

/** The runner died while it loaded this. On a device that may be left out, once is enough to leave it out. */
export function afterLoadDeath(model: ServedModel, loading: ModelSpec): ErrorReport | null {
  const { provider, fallback } = loading.device ?? ON_CPU;
  const session = sessionOf(loading);
  if (fallback && model.shunned?.session !== session) {
    model.shunned = { session, reason: `${provider}: it ended the process that was loading the model` };
    return null;
  }
  model.deaths += 1;
  if (model.deaths < MAX_LOAD_DEATHS) return null;
  const reason = `the process that loads it on ${provider} died ${model.deaths} times while doing so`;
  return new LatheError('LATHE_MODELS_LOAD_FAILED', { file: model.spec.key, reason }).report();
}

/** The runner died while it ran this. */
export function afterCrash(model: ServedModel): ErrorReport | null {
  model.crashes += 1;
  return model.crashes < MAX_CRASHES
    ? null
    : stopped(model, `it ended the process that runs it ${MAX_CRASHES} times in a row`);
}

/** A run of this never ended. */
export function afterHang(model: ServedModel): ErrorReport | null {
  model.hangs += 1;
  return model.hangs < MAX_HANGS ? null : stopped(model, `${MAX_HANGS} of its runs never ended`);
}

function stopped({ spec }: ServedModel, reason: string): ErrorReport {
  const { model: name, version } = spec;
  return new LatheError('LATHE_SERVING_MODEL_STOPPED', { name, version, reason }).report();
}
