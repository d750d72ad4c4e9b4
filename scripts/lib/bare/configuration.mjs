// How this machine reaches its registries, given to the bare one: mirrors, proxies and certificates, nothing else.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readIfThere } from '../cache.mjs';
import { outputOf } from '../run.mjs';

const DEFAULT_MIRROR = 'http://deb.debian.org/debian';
/** Copied as they are where they exist. */
const FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/pip.conf', '/etc/ssl/certs/ca-certificates.crt'];
const FOLDERS = ['/usr/local/share/ca-certificates'];
const NPM_KEYS = /^(?:(?:@[^:]+:)?registry|cafile|ca|(?:https?-)?proxy|noproxy|strict-ssl|\/\/[^=]+)\s*=/;
const VARIABLES =
  /^(?:(?:https?|no|all)_proxy|npm_config_(?:registry|cafile|.*proxy)|pip_(?:index_url|cert)|node_extra_ca_certs|ssl_cert_(?:file|dir)|git_ssl_cainfo|electron_mirror|lathe_electron_npm(?:_integrity)?)$/i;

/** The Debian mirror this machine uses, from either form of apt's source lists. */
export function aptMirror() {
  for (const file of aptSources()) {
    const found = mirrorIn(fs.readFileSync(file, 'utf8'));
    if (found) return found;
  }
  return DEFAULT_MIRROR;
}

/** The first Debian archive in a source list. @param {string} text */
export function mirrorIn(text) {
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('#'));
  for (const line of lines) {
    const found = /^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(\S+)/.exec(line.trim())?.[1];
    if (found && /\/debian\/?$/.test(found)) return found;
  }
  return null;
}

/** Environment for the bare machine: a newcomer's, plus the variables that say how to reach the registries. */
export function clientEnvironment() {
  const passed = Object.entries(process.env).filter(([name]) => VARIABLES.test(name));
  return {
    HOME: '/root',
    LANG: 'C.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.fromEntries(passed.map(([name, value]) => [name, value ?? ''])),
  };
}

/** @param {string} root */
export function copyClientConfiguration(root) {
  for (const file of FILES) {
    if (fs.existsSync(file)) copyFile(file, path.join(root, file));
  }
  for (const folder of FOLDERS) {
    if (fs.existsSync(folder)) fs.cpSync(folder, path.join(root, folder), { recursive: true });
  }
  for (const file of aptSettings()) copyFile(file, path.join(root, file));
  fs.writeFileSync(path.join(root, 'root', '.npmrc'), npmSettings(), { mode: 0o600 });
}

/** @param {string} from @param {string} to */
function copyFile(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.rmSync(to, { force: true });
  fs.copyFileSync(from, to);
}

function aptSources() {
  const folder = '/etc/apt/sources.list.d';
  const listed = fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => path.join(folder, name)) : [];
  return ['/etc/apt/sources.list', ...listed].filter(
    (file) => /\.(list|sources)$/.test(file) && fs.existsSync(file),
  );
}

/** apt's settings about fetching (proxies, certificates); hooks and the like stay here. */
function aptSettings() {
  const folder = '/etc/apt/apt.conf.d';
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((file) => /^\s*Acquire::(?:https?|Check)/im.test(readIfThere(file) ?? ''));
}

/** The lines of npm's user and machine settings that say where and how to fetch. */
function npmSettings() {
  const machine = outputOf('npm', ['config', 'get', 'globalconfig'])?.trim() ?? '';
  const files = [machine, path.join(os.homedir(), '.npmrc')];
  const lines = files
    .flatMap((file) => (readIfThere(file) ?? '').split('\n'))
    .filter((line) => NPM_KEYS.test(line));
  return `${lines.join('\n')}\n`;
}
