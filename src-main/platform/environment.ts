/** The environment that child processes get: what programs need to run, nothing that steers Node or carries secrets. */

const STEERS = /^(NODE_|ELECTRON_|npm_|LD_PRELOAD$|DYLD_INSERT_LIBRARIES$)/i;
const SECRET = /(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE_KEY|AUTH)/i;

export function hermeticEnvironment(from: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && !STEERS.test(name) && !SECRET.test(name)) kept[name] = value;
  return kept;
}

/** The environment with folders in which the dynamic linker looks before its own. It is read when a process starts. */
export function withLibraries(
  env: Record<string, string>,
  folders: readonly string[] = [],
): Record<string, string> {
  if (folders.length === 0) return env;
  const before = env.LD_LIBRARY_PATH ? [env.LD_LIBRARY_PATH] : [];
  return { ...env, LD_LIBRARY_PATH: [...folders, ...before].join(':') };
}
