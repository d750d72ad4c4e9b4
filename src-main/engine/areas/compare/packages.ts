/** Which packages a run had, from `pip freeze` or a requirements file. Pure. */

const MOST_LINES = 5_000;

/** Normalised names (PEP 503) and what is said of their version; what is no requirement is left out. */
export function parseRequirements(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const raw of text.split('\n', MOST_LINES)) {
    const line = raw.split(' #', 1)[0]?.trim() ?? '';
    if (line === '' || line.startsWith('#') || line.startsWith('-')) continue;
    const [, name, rest = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(.*)$/.exec(line) ?? [];
    if (!name) continue;
    const version =
      rest
        .split(';', 1)[0]
        ?.trim()
        .replace(/^==\s*/, '') ?? '';
    found.set(name.toLowerCase().replace(/[-_.]+/g, '-'), version || 'any');
  }
  return found;
}
