/** Tags with which `lathe run` and MLflow's client say of a run where its code came from and what it ran on. */

export type CapturedPart = 'code' | 'environment';

/** In the order of the rows, with names for people. Of two tags that say the same the first one that a run has counts. */
export const CAPTURED_TAGS: readonly (readonly [tag: string, part: CapturedPart, name: string])[] = [
  ['lathe.code.commit', 'code', 'Commit'],
  ['mlflow.source.git.commit', 'code', 'Commit'],
  ['lathe.code.branch', 'code', 'Branch'],
  ['mlflow.source.git.branch', 'code', 'Branch'],
  ['lathe.code.changes', 'code', 'Uncommitted changes'],
  ['lathe.code.missing', 'code', 'Not captured'],
  ['lathe.code.remote', 'code', 'Repository'],
  ['mlflow.source.git.repoURL', 'code', 'Repository'],
  ['mlflow.source.name', 'code', 'Entry point'],
  ['lathe.command', 'code', 'Command'],
  ['lathe.cwd', 'code', 'Folder'],
  ['lathe.exit', 'code', 'Exit'],
  ['lathe.interpreter', 'environment', 'Interpreter'],
  ['lathe.interpreter.path', 'environment', 'Interpreter path'],
  ['lathe.os', 'environment', 'System'],
  ['lathe.cpu', 'environment', 'CPU'],
  ['lathe.memory', 'environment', 'Memory'],
  ['lathe.gpu', 'environment', 'GPU'],
  ['lathe.gpu.driver', 'environment', 'GPU driver'],
  ['lathe.host', 'environment', 'Machine'],
];

/** Before the name of an environment variable. */
export const VARIABLE_TAG = 'lathe.env.';
