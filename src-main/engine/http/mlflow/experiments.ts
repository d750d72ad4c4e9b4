/** experiments/*: see docs of MLflow's REST API, "Experiments". */
import type { Tracking } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import { cut, LIMITS, list, needKey, needText, text, textValue } from './fields.ts';
import type { JsonRoutes } from './routes.ts';

export function experimentRoutes(tracking: Tracking): JsonRoutes {
  return {
    'POST experiments/create': ({ body }) => {
      const name = checkName(needText(body, 'name'));
      const tags = list(body, 'tags').map((tag) => ({
        key: needKey(tag, 'key'),
        value: cut(textValue(tag), LIMITS.experimentTag),
      }));
      const location = text(body, 'artifact_location') || null;
      if (location !== null) checkLocation(location);
      return { experiment_id: tracking.createExperiment(name, location, tags) };
    },
    'GET experiments/get': ({ body }) =>
      `{"experiment":${tracking.experiment(needText(body, 'experiment_id'))}}`,
    'GET experiments/get-by-name': ({ body }) =>
      `{"experiment":${tracking.experimentByName(needText(body, 'experiment_name'))}}`,
    'POST experiments/update': ({ body }) => {
      const name = text(body, 'new_name');
      if (name) tracking.renameExperiment(needText(body, 'experiment_id'), checkName(name));
      return {};
    },
    'POST experiments/delete': ({ body }) => {
      tracking.deleteExperiment(needText(body, 'experiment_id'));
      return {};
    },
    'POST experiments/restore': ({ body }) => {
      tracking.restoreExperiment(needText(body, 'experiment_id'));
      return {};
    },
    'POST experiments/set-experiment-tag': ({ body }) => {
      const tag = { key: needKey(body, 'key'), value: cut(textValue(body), LIMITS.experimentTag) };
      tracking.setExperimentTag(needText(body, 'experiment_id'), tag);
      return {};
    },
    'POST experiments/delete-experiment-tag': ({ body }) => {
      tracking.deleteExperimentTag(needText(body, 'experiment_id'), needText(body, 'key'));
      return {};
    },
  };
}

function checkName(name: string): string {
  if ([...name].length > LIMITS.experimentName)
    throw invalid(`'name' exceeds the maximum length of ${LIMITS.experimentName} characters`);
  return name;
}

/** A place the client itself writes to, or a folder under our own artifacts. No query, no way upwards. */
function checkLocation(location: string): void {
  let decoded = location;
  try {
    decoded = decodeURIComponent(location);
  } catch {
    throw invalid(`Invalid artifact location: ${location}`);
  }
  if (/[?#\0]/.test(location) || decoded.split(/[/\\]/).includes('..'))
    throw invalid(`Invalid artifact location: ${location}`);
}
