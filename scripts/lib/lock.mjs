// Whether package-lock.json names the optional packages of every platform, and the entries it lacks.
//
// npm leaves out an optional package that the registry at hand does not serve, as mirrors with only some platforms
// do not. `npm ci` then refuses the lock file everywhere else. An entry without a hash is what npm itself writes
// for a package it has not fetched; the hash is added by the next `npm install` against a registry that has it.

/**
 * @typedef {{version?: string, optional?: boolean, dev?: boolean, os?: string[], cpu?: string[], libc?: string[],
 *   integrity?: string, optionalDependencies?: Record<string, string>}} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages by place, such as `node_modules/a/node_modules/b`
 */

/** How platforms are written in package names. */
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x', 'wasm32'];

/**
 * The entries to add: one for each exact optional dependency that no entry satisfies.
 * @param {LockedPackages} packages
 * @returns {LockedPackages}
 */
export function missingOptionals(packages) {
  /** @type {LockedPackages} */
  const missing = {};
  for (const [place, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) continue;
      const found = resolve({ ...packages, ...missing }, place, name);
      if (found?.version === version) continue;
      const where = found ? `${place}/node_modules/${name}` : `node_modules/${name}`;
      const { cpu, libc, os } = platformOf(name);
      missing[where] = withoutAbsent({ version, cpu, dev, libc, optional: true, os });
    }
  }
  return missing;
}

/** The entries with the missing ones in npm's own order. @param {LockedPackages} packages @returns {LockedPackages} */
export function completed(packages) {
  const all = { ...packages, ...missingOptionals(packages) };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => a.localeCompare(b, 'en')));
}

/** What Node finds from a place: the nearest node_modules upwards. @param {LockedPackages} packages @param {string} place @param {string} name */
function resolve(packages, place, name) {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const found = packages[`${at ? `${at}/` : ''}node_modules/${name}`];
    if (found || at === '') return found;
  }
}

/** The fields that keep npm from fetching a package on other platforms, from its name. @param {string} name */
function platformOf(name) {
  const words = name.split('/').at(-1)?.split('-') ?? [];
  const system = SYSTEMS.find((each) => words.includes(each));
  const processor = PROCESSORS.find((each) => words.includes(each));
  const isMusl = system === 'linux' && words.some((word) => word.startsWith('musl'));
  return {
    cpu: processor ? [processor] : undefined,
    libc: isMusl ? ['musl'] : undefined,
    os: system ? [system] : undefined,
  };
}

/** In npm's own order of fields. @param {Record<string, unknown>} entry @returns {LockedPackage} */
function withoutAbsent(entry) {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}
