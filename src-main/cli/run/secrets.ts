/** What must not be kept with a run: credentials in addresses and arguments, and files that hold keys. Pure. */

const REMOVED = '[removed]';
const SECRET = /token|password|passwd|secret|credential|api[-_]?key|auth/i;

/**
 * An address without what lets somebody in: user and password of http(s) (tokens are given as either), the password of
 * any other scheme, query and fragment. What is no URL (a path, git's host:path) stays.
 */
export function withoutCredentials(address: string): string {
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)/i.exec(address.trim());
  if (!url) return address.trim().replace(/^([^@/\\:]+):[^@/\\]*@/, '$1@');
  const [, scheme = '', authority = '', path = ''] = url;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const user = at < 0 || /^(.*\+)?https?$/i.test(scheme) ? '' : authority.slice(0, at).split(':', 1)[0];
  return `${scheme}://${user ? `${user}@` : ''}${host}${path}`;
}

/** The same for every address in a text, such as a list of packages. */
export const textWithoutCredentials = (text: string): string =>
  text.replace(/[a-z][a-z0-9+.-]*:\/\/[^\s/@"']*@/gi, (found) => withoutCredentials(found));

/** Arguments with the values of `--api-key X`, `--password=X` and `TOKEN=X` removed, and addresses made clean. */
export function safeArguments(argv: readonly string[]): string[] {
  return argv.map((argument, at) => {
    const before = argv[at - 1] ?? '';
    if (isFlag(before) && !before.includes('=') && SECRET.test(before) && !isFlag(argument)) return REMOVED;
    const [, name = '', equals = ''] = /^(-{0,2}[A-Za-z0-9_.+-]+)(=)/s.exec(argument) ?? [];
    if (equals && SECRET.test(name)) return `${name}=${REMOVED}`;
    return textWithoutCredentials(argument);
  });
}

const isFlag = (text: string) => text.startsWith('-') && text.length > 1;

/** Names of files that usually hold keys. They are not taken along with new files that git does not know. */
export const isSecretFile = (path: string): boolean => {
  const name = path.split('/').at(-1) ?? '';
  return (
    /^\.env(\..+)?$|^\.(netrc|npmrc|pypirc|pgpass|htpasswd)$|^id_(rsa|dsa|ecdsa|ed25519)/i.test(name) ||
    /\.(pem|key|p12|pfx|jks|keystore|kdbx)$/i.test(name) ||
    /^(credentials|secrets?)(\.[a-z]+)?$/i.test(name)
  );
};

/** As a shell would be given it. For reading; programs read the list in lathe/run.json. */
export const commandLine = (argv: readonly string[]): string =>
  argv.map((one) => (/^[\w@%+=:,./-]+$/.test(one) ? one : `'${one.replaceAll("'", `'\\''`)}'`)).join(' ');
