import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { completed, missingOptionals } from './lock.mjs';
import { repoRoot } from './paths.mjs';

test('package-lock.json names the optional packages of every platform; else: node scripts/complete-lock.mjs', () => {
  const lock = JSON.parse(fs.readFileSync(path.join(repoRoot, 'package-lock.json'), 'utf8'));
  expect(missingOptionals(lock.packages)).toEqual({});
});

test('package-lock.json is in step with package.json', () => {
  const read = (/** @type {string} */ file) => JSON.parse(fs.readFileSync(path.join(repoRoot, file), 'utf8'));
  const { dependencies, devDependencies } = read('package.json');
  const root = read('package-lock.json').packages[''];
  expect({ ...root.dependencies }).toEqual(dependencies);
  expect({ ...root.devDependencies }).toEqual(devDependencies);
});

const TOOL = { version: '1.0.0', dev: true, optionalDependencies: { '@tool/win32-x64-msvc': '1.0.0' } };

test('a missing platform is added where it is found, bound to that platform', () => {
  expect(missingOptionals({ 'node_modules/tool': TOOL })).toEqual({
    'node_modules/@tool/win32-x64-msvc': {
      version: '1.0.0',
      cpu: ['x64'],
      os: ['win32'],
      dev: true,
      optional: true,
    },
  });
});

test('where another version has the place, it is nested', () => {
  const packages = { 'node_modules/tool': TOOL, 'node_modules/@tool/win32-x64-msvc': { version: '0.9.0' } };
  expect(Object.keys(missingOptionals(packages))).toEqual([
    'node_modules/tool/node_modules/@tool/win32-x64-msvc',
  ]);
});

test('completing is done once and keeps what is there', () => {
  const once = completed({ 'node_modules/tool': TOOL });
  expect(missingOptionals(once)).toEqual({});
  expect(completed(once)).toEqual(once);
  expect(once['node_modules/tool']).toBe(TOOL);
});
