import { expect, test } from 'vitest';
import { parsePolicy } from './apt.mjs';
import { missingSonames, packagesFor } from './sonames.mjs';

const LDD = `	linux-vdso.so.1 (0x00007ffd)
	libnss3.so => not found
	libnssutil3.so => not found
	libgtk-3.so.0 => not found
	libasound.so.2 => not found
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
`;

/** What `apt-cache policy` prints on Debian 13: the old names are only virtual. */
const POLICY_T64 = `libgtk-3-0t64:
  Installed: (none)
  Candidate: 3.24.49-3
  Version table:
     3.24.49-3 500
        500 http://deb.example trixie/main amd64 Packages
libgtk-3-0:
  Installed: (none)
  Candidate: (none)
  Version table:
libnss3:
  Installed: 2:3.110-1
  Candidate: 2:3.110-1
  Version table:
libasound2t64:
  Installed: (none)
  Candidate: 1.2.14-1
  Version table:
`;

test('what ldd did not find', () => {
  expect(missingSonames(LDD)).toEqual(['libasound.so.2', 'libgtk-3.so.0', 'libnss3.so', 'libnssutil3.so']);
});

test('the renamed packages where they exist', () => {
  const available = parsePolicy(POLICY_T64);
  expect(packagesFor(missingSonames(LDD), (name) => available.has(name))).toEqual({
    packages: ['libasound2t64', 'libgtk-3-0t64', 'libnss3'],
    unknown: [],
  });
});

test('the plain names where they do not', () => {
  const bookworm = new Set(['libgtk-3-0', 'libnss3', 'libasound2']);
  expect(packagesFor(missingSonames(LDD), (name) => bookworm.has(name)).packages).toEqual([
    'libasound2',
    'libgtk-3-0',
    'libnss3',
  ]);
});

test('a library without a known package is named, not dropped', () => {
  expect(packagesFor(['libnovel.so.7'], () => true)).toEqual({ packages: [], unknown: ['libnovel.so.7'] });
});
