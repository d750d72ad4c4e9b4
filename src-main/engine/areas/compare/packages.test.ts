import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRequirements } from './packages.ts';

test.each<[string, Record<string, string>]>([
  ['numpy==1.26.4', { numpy: '1.26.4' }],
  ['Scikit_Learn==1.5.0\r\nruamel.yaml==0.18', { 'scikit-learn': '1.5.0', 'ruamel-yaml': '0.18' }],
  ['torch==2.4.0+cu121', { torch: '2.4.0+cu121' }],
  ['numpy', { numpy: 'any' }],
  ['numpy>=1.2,<2', { numpy: '>=1.2,<2' }],
  ['numpy==1.2,<2', { numpy: '==1.2,<2' }],
  ['numpy (==1.2)', { numpy: '(==1.2)' }],
  ['uvicorn[standard]==0.30 ; python_version > "3.8"', { uvicorn: '0.30' }],
  ['a==1 # why', { a: '1' }],
  [
    'numpy==1.0 \\\n    --hash=sha256:aaaa \\\n    --hash=sha256:bbbb\npandas==2.0 --hash=sha256:cccc',
    { numpy: '1.0', pandas: '2.0' },
  ],
  ['mine @ file:///home/me/mine', { mine: 'file:///home/me/mine' }],
  ['mine@git+https://example.org/mine@v1', { mine: 'git+https://example.org/mine@v1' }],
  [
    '-e git+https://example.org/mine.git@abc123#egg=my_pkg',
    { 'my-pkg': 'git+https://example.org/mine.git@abc123' },
  ],
  ['# Editable install with no version control (mine==0.1)\n-e /home/me/mine', { mine: '/home/me/mine' }],
  ['-r other.txt\n--index-url https://example.org\n# note\n\n', {}],
  ['Traceback (most recent call last):\n  File "x"', {}],
  ['a==1\na==2', { a: '2' }],
])('%j', (text, found) => expect(Object.fromEntries(parseRequirements(text))).toEqual(found));

test('any text is read without a failure, and pinned packages are found in any order', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseRequirements(text)));
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const version = fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,3}$/);
  fc.assert(
    fc.property(fc.dictionary(name, version), (packages) => {
      const text = Object.entries(packages)
        .map(([one, of]) => `${one}==${of}`)
        .join('\n');
      expect(Object.fromEntries(parseRequirements(text))).toEqual({ ...packages });
    }),
  );
});
