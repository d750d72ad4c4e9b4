/**
 * Names of model versions between the processes: "<model>@<version>", and of sessions, which hold one file of a
 * version: "<model>@<version>#<first 12 digits of its SHA-256>", and behind it the device unless it is the CPU, and the
 * threads where they were chosen.
 * A model's own name may hold any of these signs.
 */
import type { DeviceOrder, ModelSpec } from '../platform/link.ts';

export function namesOf(key: string): { name: string; version: string } {
  const at = key.lastIndexOf('@');
  return at < 0 ? { name: key, version: '' } : { name: key.slice(0, at), version: key.slice(at + 1) };
}

/**
 * One session is one file on one device. An order that differs in anything has another name, so that the new
 * session is made while the old one serves.
 */
export function sessionOf({ key, sha256, device }: Pick<ModelSpec, 'key' | 'sha256' | 'device'>): string {
  const { provider, fallback, refused, threads } = device ?? ON_CPU;
  const place = provider === 'cpu' ? '' : `:${provider}${fallback ? '?' : ''}${refused === null ? '' : '!'}`;
  return `${key}#${sha256.slice(0, 12)}${place}${threads ? `/${threads}` : ''}`;
}

/** Where nothing is said. */
export const ON_CPU: DeviceOrder = { provider: 'cpu', fallback: false, refused: null };

/** The model version of a session. */
export const keyOf = (session: string): string => session.slice(0, session.lastIndexOf('#'));
