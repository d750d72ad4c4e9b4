/** A run's tags sorted by what they say: its code, its machine, what the user wrote, what MLflow keeps there. Pure. */
import { CAPTURED_TAGS, type CapturedPart, VARIABLE_TAG } from '../../../src-main/contract/captured-tags.ts';

export type Fact = readonly [name: string, value: string];
export type RunOrigin = Record<CapturedPart, Fact[]> & {
  /** The user's own. */
  tags: Fact[];
  /** What MLflow and Lathe keep for themselves, by the tags' own names. */
  internal: Fact[];
};

const INTERNAL = /^(mlflow|lathe)\./;

export function runOrigin(tags: Readonly<Record<string, string>>): RunOrigin {
  const found = new Map<string, { part: CapturedPart; value: string }>();
  const named = new Set<string>();
  for (const [tag, part, name] of CAPTURED_TAGS) {
    const value = tags[tag];
    if (value === undefined) continue;
    named.add(tag);
    if (!found.has(name)) found.set(name, { part, value });
  }
  const of = (part: CapturedPart): Fact[] =>
    [...found].flatMap(([name, fact]) => (fact.part === part ? [[name, fact.value] as const] : []));
  const others = Object.entries(tags).filter(([tag]) => !named.has(tag));
  const variables = others.filter(([tag]) => tag.startsWith(VARIABLE_TAG));
  return {
    code: of('code'),
    environment: [
      ...of('environment'),
      ...variables.map(([tag, value]): Fact => [tag.slice(VARIABLE_TAG.length), value]),
    ],
    tags: others.filter(([tag]) => !INTERNAL.test(tag)),
    internal: others.filter(([tag]) => INTERNAL.test(tag) && !tag.startsWith(VARIABLE_TAG)),
  };
}
