// The fuses in a packaged binary: what it was built to refuse, read from the binary itself.

import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';

/** @type {readonly [keyof typeof FuseV1Options, boolean][]} */
const EXPECTED = [
  ['RunAsNode', false],
  ['EnableCookieEncryption', true],
  ['EnableNodeOptionsEnvironmentVariable', false],
  ['EnableNodeCliInspectArguments', false],
  ['EnableEmbeddedAsarIntegrityValidation', true],
  ['OnlyLoadAppFromAsar', true],
  ['GrantFileProtocolExtraPrivileges', false],
];

/** @param {string} executable @returns {Promise<import('./smoke.mjs').Check[]>} */
export async function checkFuses(executable) {
  const wire = await getCurrentFuseWire(executable);
  return EXPECTED.map(([name, isOn]) => {
    const actual = wire[FuseV1Options[name]];
    const ok = actual === (isOn ? FuseState.ENABLE : FuseState.DISABLE);
    return {
      name: `fuse ${name} is ${isOn ? 'on' : 'off'}`,
      ok,
      detail: ok ? '' : `it is ${FuseState[actual ?? 0]}`,
    };
  });
}
