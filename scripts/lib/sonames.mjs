// Which Debian or Ubuntu package holds a shared library that Electron or Chromium asks for.

/**
 * Candidates by soname, the newest name first: Debian 13 and Ubuntu 24.04 renamed packages to `…t64`, Debian 12
 * and Ubuntu 22.04 have the plain names. Which one exists is asked of apt, not guessed from the release.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const PACKAGES_BY_SONAME = {
  'libX11.so.6': ['libx11-6'],
  'libX11-xcb.so.1': ['libx11-xcb1'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXcursor.so.1': ['libxcursor1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXext.so.6': ['libxext6'],
  'libXfixes.so.3': ['libxfixes3'],
  'libXi.so.6': ['libxi6'],
  'libXrandr.so.2': ['libxrandr2'],
  'libXrender.so.1': ['libxrender1'],
  'libXss.so.1': ['libxss1'],
  'libXtst.so.6': ['libxtst6'],
  'libasound.so.2': ['libasound2t64', 'libasound2'],
  'libatk-1.0.so.0': ['libatk1.0-0t64', 'libatk1.0-0'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libatspi.so.0': ['libatspi2.0-0t64', 'libatspi2.0-0'],
  'libcairo.so.2': ['libcairo2'],
  'libcups.so.2': ['libcups2t64', 'libcups2'],
  'libdbus-1.so.3': ['libdbus-1-3'],
  'libdrm.so.2': ['libdrm2'],
  'libexpat.so.1': ['libexpat1'],
  'libfontconfig.so.1': ['libfontconfig1'],
  'libfreetype.so.6': ['libfreetype6'],
  'libgbm.so.1': ['libgbm1'],
  'libgcc_s.so.1': ['libgcc-s1'],
  'libgdk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libgdk_pixbuf-2.0.so.0': ['libgdk-pixbuf-2.0-0'],
  'libgio-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libglib-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgobject-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgtk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnspr4.so': ['libnspr4'],
  'libnss3.so': ['libnss3'],
  'libnssutil3.so': ['libnss3'],
  'libpango-1.0.so.0': ['libpango-1.0-0'],
  'libpangocairo-1.0.so.0': ['libpangocairo-1.0-0'],
  'libsecret-1.so.0': ['libsecret-1-0'],
  'libsmime3.so': ['libnss3'],
  'libstdc++.so.6': ['libstdc++6'],
  'libudev.so.1': ['libudev1'],
  'libxcb.so.1': ['libxcb1'],
  'libxcb-dri3.so.0': ['libxcb-dri3-0'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libxshmfence.so.1': ['libxshmfence1'],
};

/** The libraries `ldd` could not find. @param {string} lddOutput */
export function missingSonames(lddOutput) {
  const names = [...lddOutput.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '');
  return [...new Set(names)].sort();
}

/**
 * The packages to install for some sonames.
 * @param {readonly string[]} sonames
 * @param {(packageName: string) => boolean} isAvailable whether apt can install a package of that name
 * @returns {{packages: string[], unknown: string[]}} `unknown`: sonames no package is known for
 */
export function packagesFor(sonames, isAvailable) {
  const packages = new Set();
  const unknown = [];
  for (const soname of sonames) {
    const candidates = PACKAGES_BY_SONAME[soname];
    const chosen = candidates?.find(isAvailable);
    if (chosen) packages.add(chosen);
    else unknown.push(soname);
  }
  return { packages: [...packages].sort(), unknown };
}
