/** Which packages a run had, from `pip freeze` or a requirements file. Pure. */

const MOST_LINES = 5_000;

/**
 * Normalised names (PEP 503) and what is said of their version: the number of a pinned one, the address of one that
 * was installed from there, the conditions as they stand, or "any". What is no requirement is left out.
 */
export function parseRequirements(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const raw of text.split('\n', MOST_LINES)) {
    // A backslash goes on to the hashes of the same requirement.
    const line = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .replace(/\s*\\$/, '');
    const editable = /^(?:-e|--editable)[\s=]+(.+)$/.exec(line)?.[1];
    if (editable) {
      const name = /[#&]egg=([A-Za-z0-9._-]+)/.exec(editable)?.[1] ?? lastSegment(editable);
      if (name) found.set(normal(name), editable.replace(/#.*$/, ''));
      continue;
    }
    const [, name, rest = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(line) ?? [];
    if (!name || !/^($|\(?[<>=!~]|[@;]|--hash)/.test(rest)) continue;
    const version = rest
      .replace(/\s*--hash[=\s].*$/, '')
      .replace(/\s*;.*$/, '')
      .replace(/^===?\s*(?=[^,]*$)/, '')
      .replace(/^@\s*/, '');
    found.set(normal(name), version || 'any');
  }
  return found;
}

const normal = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

const lastSegment = (path: string): string | undefined =>
  /([A-Za-z0-9][A-Za-z0-9._-]*)\/?$/.exec(path.trim())?.[1];
