/** What this program is and where its files are: this bundle lies in out/, in a checkout and when packaged. */
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

export const VERSION = packageJson.version;
/** The `out` folder. */
export const BUNDLES = dirname(import.meta.dirname);
/** Folder that holds `sample/`. */
export const RESOURCES = join(dirname(BUNDLES), 'resources');
