/** Secrets of this user, sealed by the operating system's keychain; none where there is no keychain. */
import { join } from 'node:path';
import { safeStorage } from 'electron';
import { LatheError } from '../contract/errors.ts';
import { createSecretFile } from '../platform/secret-file.ts';
import type { SecretAsk } from './engine-messages.ts';

/** On Linux without a keyring Electron would seal with a password that everyone knows. */
export const hasKeychain = (): boolean =>
  safeStorage.isEncryptionAvailable() &&
  (process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text');

export function createDesktopSecrets(userData: string): (ask: SecretAsk) => Promise<string | null> {
  const file = createSecretFile(join(userData, 'secrets.json'), {
    note: 'Addresses that Lathe sends alerts to, sealed by the keychain of this user.',
    seal: (value) => safeStorage.encryptString(value).toString('base64'),
    open: (sealed) => safeStorage.decryptString(Buffer.from(sealed, 'base64')),
  });
  return async (ask) => {
    if (ask.do === 'set') {
      if (!hasKeychain()) throw new LatheError('LATHE_ALERTS_NO_SECRETS');
      await file.set(ask.name, ask.value);
      return null;
    }
    if (ask.do === 'get') return file.get(ask.name);
    await file.remove(ask.name);
    return null;
  };
}
