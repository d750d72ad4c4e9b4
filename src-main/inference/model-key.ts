/**
 * Names of model versions between the processes: "<model>@<version>", and of sessions, which hold one file of a
 * version: "<model>@<version>#<first 12 digits of its SHA-256>". A model's own name may hold any of these signs.
 */
export function namesOf(key: string): { name: string; version: string } {
  const at = key.lastIndexOf('@');
  return at < 0 ? { name: key, version: '' } : { name: key.slice(0, at), version: key.slice(at + 1) };
}

export const sessionOf = ({ key, sha256 }: { key: string; sha256: string }): string =>
  `${key}#${sha256.slice(0, 12)}`;

/** The model version of a session. */
export const keyOf = (session: string): string => session.slice(0, session.lastIndexOf('#'));
