// Where electron-builder puts the unpacked app on each platform.

import path from 'node:path';
import { repoRoot } from './paths.mjs';

/**
 * @param {string} [platform]
 * @param {string} [arch]
 * @returns {{folder: string, executable: string, resources: string}} `folder`: what is handed out as a whole
 */
export function packagedApp(platform = process.platform, arch = process.arch) {
  const dist = path.join(repoRoot, 'dist');
  const suffix = arch === 'x64' ? '' : `-${arch}`;
  if (platform === 'darwin') {
    const folder = path.join(dist, `mac${suffix}`, 'Lathe.app');
    const contents = path.join(folder, 'Contents');
    return {
      folder,
      executable: path.join(contents, 'MacOS', 'Lathe'),
      resources: path.join(contents, 'Resources'),
    };
  }
  const folder = path.join(dist, platform === 'win32' ? `win${suffix}-unpacked` : `linux${suffix}-unpacked`);
  const executable = path.join(folder, platform === 'win32' ? 'Lathe.exe' : 'lathe');
  return { folder, executable, resources: path.join(folder, 'resources') };
}
