/** Fields that the calls of the registry share. */
import type { Pair } from '../../areas/experiments/index.ts';
import { invalid } from './errors.ts';
import { type Body, LIMITS, needKey, needText, textValue } from './fields.ts';

export const needRegistryKey = (body: Body): string => needKey(body, 'key');

/** A tag of a model or a version: its value is refused when it is too long, never cut. */
export function registryTag(body: Body): Pair {
  const value = textValue(body);
  if (value.length > LIMITS.registryTag)
    throw invalid(`'value' exceeds the maximum length of ${LIMITS.registryTag} characters`);
  return { key: needRegistryKey(body), value };
}

/** A version's number as digits. */
export function needVersion(body: Body): string {
  const given = typeof body.version === 'number' ? String(body.version) : needText(body, 'version');
  if (!/^\d{1,9}$/.test(given))
    throw invalid(
      `Parameter 'version' must be an integer, got ${JSON.stringify(given.slice(0, 100))}. See the API docs for more information about request parameters.`,
    );
  return String(Number(given));
}
