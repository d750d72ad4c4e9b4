import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commandLine,
  isSecretFile,
  safeArguments,
  textWithoutCredentials,
  withoutCredentials,
} from './secrets.ts';

const SECRET = 'hunter2';

test.each([
  [`https://me:${SECRET}@example.org/a.git`, 'https://example.org/a.git'],
  [`https://${SECRET}@example.org/a.git`, 'https://example.org/a.git'],
  [`https://me:p@ss${SECRET}@example.org/a.git`, 'https://example.org/a.git'],
  [`git+https://${SECRET}@example.org/a@v1`, 'git+https://example.org/a@v1'],
  [`ssh://git:${SECRET}@example.org/a`, 'ssh://git@example.org/a'],
  [`https://example.org/a?access_token=${SECRET}`, 'https://example.org/a'],
  [`me:${SECRET}@example.org:a/b.git`, 'me@example.org:a/b.git'],
  ['git@example.org:a/b.git', 'git@example.org:a/b.git'],
  ['/srv/git/a.git', '/srv/git/a.git'],
  ['file:///srv/git/a.git', 'file:///srv/git/a.git'],
])('the address %s is kept as %s', (address, kept) => expect(withoutCredentials(address)).toBe(kept));

test('no password of any address is kept, and a clean address stays as it is', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,10}$/);
  const scheme = fc.constantFrom('https', 'http', 'ssh', 'git', 'git+https', 's3', 'postgresql');
  fc.assert(
    fc.property(scheme, word, word, word, (kind, user, host, path) => {
      const password = `~${user}~`;
      expect(withoutCredentials(`${kind}://${user}:${password}@${host}/${path}`)).not.toContain(password);
      const clean = `${kind}://${host}/${path}`;
      expect(withoutCredentials(clean)).toBe(clean);
      expect(withoutCredentials(withoutCredentials(`${kind}://${user}:${password}@${host}`))).toBe(
        withoutCredentials(`${kind}://${user}:${password}@${host}`),
      );
    }),
  );
});

test('a list of packages keeps no credentials', () => {
  expect(
    textWithoutCredentials(`a @ git+https://me:${SECRET}@example.org/a@abc\nb==1\n# see x@example.org\n`),
  ).toBe('a @ git+https://example.org/a@abc\nb==1\n# see x@example.org\n');
});

test.each([
  [
    ['train.py', '--lr', '0.1'],
    ['train.py', '--lr', '0.1'],
  ],
  [
    ['--api-key', SECRET, '--lr=1'],
    ['--api-key', '[removed]', '--lr=1'],
  ],
  [['--password=hunter2'], ['--password=[removed]']],
  [['WANDB_API_KEY=hunter2'], ['WANDB_API_KEY=[removed]']],
  [
    ['--hf_token', SECRET],
    ['--hf_token', '[removed]'],
  ],
  [
    ['--use-auth', '--lr', '1'],
    ['--use-auth', '--lr', '1'],
  ],
  [[`--db=postgresql://me:${SECRET}@host/db`], ['--db=postgresql://me@host/db']],
  [
    ['a=b', '='],
    ['a=b', '='],
  ],
])('arguments %j are kept as %j', (given, kept) => expect(safeArguments(given)).toEqual(kept));

test.each(['.env', 'conf/.env.local', 'id_ed25519', 'a/server.pem', 'x.KEY', '.npmrc', 'credentials.json'])(
  '%s is taken for a file with secrets',
  (path) => expect(isSecretFile(path)).toBe(true),
);
test.each(['environment.py', 'keys.py', 'token_model.py', 'a.env.py', 'secretary.py', 'pem.txt'])(
  '%s is not',
  (path) => expect(isSecretFile(path)).toBe(false),
);

describe('a command line', () => {
  test('is written as a shell would be given it', () => {
    expect(commandLine(['python', 'a b.py', "it's", '--x=1', ''])).toBe(
      `python 'a b.py' 'it'\\''s' --x=1 ''`,
    );
  });
});
