/** Where a text stops being JSON: engines word it each in their own way, and often without the place. Pure. */

const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a JSON string holds none of them.
  /[ \t\n\r]+|[{}[\],:]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

type Want = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'more' | 'nothing';

/** Index of the first character that no JSON goes on with; null for a whole JSON text. */
export function jsonErrorAt(text: string): number | null {
  const open: string[] = [];
  let want: Want = 'value';
  let at = 0;
  const after = (): Want => (open.length === 0 ? 'nothing' : 'more');
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) return at;
    if (/\S/.test(token)) {
      const next = step(token, want, open, after);
      if (next === null) return at;
      want = next;
    }
    at += token.length;
  }
  return want === 'nothing' ? null : text.length;
}

function step(token: string, want: Want, open: string[], after: () => Want): Want | null {
  const inside = open.at(-1);
  const closes = (token === '}' && inside === '{') || (token === ']' && inside === '[');
  if (closes) {
    if (want !== 'more' && want !== (token === '}' ? 'key or end' : 'value or end')) return null;
    open.pop();
    return after();
  }
  if (want === 'more') return token !== ',' ? null : inside === '{' ? 'key' : 'value';
  if (want === 'colon') return token === ':' ? 'value' : null;
  if (want === 'key' || want === 'key or end') return token.startsWith('"') ? 'colon' : null;
  if (want === 'nothing' || /^[}\],:]$/.test(token)) return null;
  if (token !== '{' && token !== '[') return after();
  open.push(token);
  return token === '{' ? 'key or end' : 'value or end';
}

/** The place as people count it. */
export function placeIn(text: string, at: number): string {
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
