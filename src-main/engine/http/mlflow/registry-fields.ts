/** Fields that the calls of the registry share. */
import type { Pair } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import { type Body, LIMITS, limited, needKey, needText, textValue } from './fields.ts';

export const needRegistryKey = (body: Body): string => needKey(body, 'key');

/** A tag of a model or a version: its value is refused when it is too long, never cut. */
export function registryTag(body: Body): Pair {
  return { key: needRegistryKey(body), value: limited(textValue(body), 'value', LIMITS.registryTag) };
}

const PROMPT_TEXT = 'mlflow.prompt.text';
/** The text of a prompt is kept as a tag of its version, and is too long in words of its own. */
export function versionTag(body: Body): Pair {
  if (body.key === PROMPT_TEXT && textValue(body).length > LIMITS.registryTag)
    throw invalid(`Prompt text exceeds max length of ${LIMITS.registryTag} characters.`);
  return registryTag(body);
}

/** A version's number as digits. */
export function needVersion(body: Body): string {
  const given = typeof body.version === 'number' ? String(body.version) : needText(body, 'version');
  if (!/^-?\d{1,15}$/.test(given))
    throw invalid(`Parameter 'version' must be an integer, got '${given.slice(0, 100)}'.`);
  return String(Number(given));
}
