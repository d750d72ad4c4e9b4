/** experiments/*: see docs of MLflow's REST API, "Experiments". */
import type { Tracking } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import {
  type Body,
  checkExperimentId,
  LIMITS,
  limited,
  list,
  needKey,
  needText,
  text,
  textValue,
} from './fields.ts';
import type { JsonRoutes } from './routes.ts';

export function experimentRoutes(tracking: Tracking): JsonRoutes {
  return {
    'POST experiments/create': ({ body }) => {
      const name = checkName(needText(body, 'name'));
      const tags = list(body, 'tags').map(experimentTag);
      const location = text(body, 'artifact_location') || null;
      if (location !== null) checkLocation(location);
      return { experiment_id: tracking.createExperiment(name, location, tags) };
    },
    'GET experiments/get': ({ body }) => `{"experiment":${tracking.experiment(idOf(body))}}`,
    'GET experiments/get-by-name': ({ body }) =>
      `{"experiment":${tracking.experimentByName(needText(body, 'experiment_name'))}}`,
    'POST experiments/update': ({ body }) => {
      tracking.renameExperiment(idOf(body), checkName(needText(body, 'new_name')));
      return {};
    },
    'POST experiments/delete': ({ body }) => {
      tracking.deleteExperiment(idOf(body));
      return {};
    },
    'POST experiments/restore': ({ body }) => {
      tracking.restoreExperiment(idOf(body));
      return {};
    },
    'POST experiments/set-experiment-tag': ({ body }) => {
      tracking.setExperimentTag(idOf(body), experimentTag(body));
      return {};
    },
    'POST experiments/delete-experiment-tag': ({ body }) => {
      tracking.deleteExperimentTag(idOf(body), needText(body, 'key'));
      return {};
    },
  };
}

const idOf = (body: Body): string => checkExperimentId(needText(body, 'experiment_id'));
const checkName = (name: string): string => limited(name, 'name', LIMITS.experimentName);

const experimentTag = (body: Body) => ({
  key: needKey(body, 'key'),
  value: limited(textValue(body), 'value', LIMITS.experimentTag),
});

/** A place the client itself writes to, or a folder under our own artifacts. No query, no way upwards. */
function checkLocation(location: string): void {
  if (location.startsWith('runs:'))
    throw invalid(`Artifact location cannot be a runs:/ URI. Given: '${location.slice(0, 500)}'`);
  let decoded = location;
  try {
    decoded = decodeURIComponent(location);
  } catch {
    throw invalid(`Invalid artifact location: ${location}`);
  }
  if (/[?#]/.test(location)) throw invalid("'artifact_location' URL can't include fragments or params.");
  if (location.includes('\0') || decoded.split(/[/\\]/).includes('..'))
    throw invalid(`Invalid artifact location: ${location.slice(0, 500)}`);
}
