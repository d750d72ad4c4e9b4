// One line per thing done, and errors that say what, why and what to do about it.

/** @param {string} line */
export function say(line) {
  process.stdout.write(`lathe: ${line}\n`);
}

/** A failure of the set-up that a person can mend: `what` went wrong, `why`, and the `remedy`. */
export class SetupError extends Error {
  /** @param {{what: string, why: string, remedy: string}} parts */
  constructor({ what, why, remedy }) {
    super(`${what}\n  why:    ${indent(why)}\n  remedy: ${indent(remedy)}`);
    this.name = 'SetupError';
    this.what = what;
    this.why = why;
    this.remedy = remedy;
  }
}

/** Runs a script's main function; a SetupError is printed without a stack and exits 1. @param {() => Promise<number | void>} main */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`lathe: ${error instanceof SetupError ? error.message : (error?.stack ?? error)}\n`);
    process.exitCode = 1;
  }
}

/** @param {string} text */
function indent(text) {
  return text.trim().split('\n').join('\n          ');
}
