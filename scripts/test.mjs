// `npm test`: sets up what is missing, runs every stage, goes on after one that fails, and closes with the totals.

import { ensureBuild } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensureDisplay } from './lib/display.mjs';
import { ensureElectron } from './lib/electron.mjs';
import { ensureNode, environmentWithNode } from './lib/node.mjs';
import { closingLine, sum, totals } from './lib/results.mjs';
import { runMain, SetupError, say } from './lib/say.mjs';
import { STAGES, selectStages } from './lib/stages.mjs';
import { ensureSystemLibraries } from './lib/system-libraries.mjs';

const HELP = `npm test                              everything
npm test -- --only unit,browser       some stages: ${STAGES.map((stage) => stage.id).join(', ')}; e2e is electron and browser
npm test -- --only unit -- blobs      arguments after the second -- go to the test runner
Environment: LATHE_CACHE, LATHE_CHROMIUM, LATHE_ELECTRON_NPM, ELECTRON_OVERRIDE_DIST_PATH, ELECTRON_MIRROR (docs/setup.md)`;

await runMain(async () => {
  const options = parse(process.argv.slice(2));
  if (options.help) return console.log(HELP) ?? 0;
  const stages = chooseStages(options.only);

  const node = await ensureNode();
  /** What stages run with; providing a need adds to `env`. */
  const context = { node, env: environmentWithNode(node), filters: options.filters };
  await ensureDependencies();

  const provided = await provideNeeds(new Set(stages.flatMap((stage) => stage.needs)), context);
  try {
    const results = [provided.totals];
    for (const group of groupsOf(stages))
      results.push(...(await Promise.all(group.map((stage) => runStage(stage, context, provided.problems)))));
    return conclude(sum(results));
  } finally {
    provided.stop();
  }
});

/**
 * Those that may run beside each other, where they follow each other.
 * @param {import('./lib/stages.mjs').Stage[]} stages
 */
function groupsOf(stages) {
  /** @type {import('./lib/stages.mjs').Stage[][]} */
  const groups = [];
  for (const stage of stages) {
    const last = groups.at(-1);
    if (stage.beside && last?.[0]?.beside) last.push(stage);
    else groups.push([stage]);
  }
  return groups;
}

/** @param {string[]} argv */
function parse(argv) {
  const split = argv.indexOf('--');
  const own = split < 0 ? argv : argv.slice(0, split);
  const filters = split < 0 ? [] : argv.slice(split + 1);
  const at = own.findIndex((argument) => argument === '--only' || argument.startsWith('--only='));
  const list = at < 0 ? null : (own[at]?.split('=')[1] ?? own[at + 1] ?? '');
  return { help: own.includes('--help'), only: list?.split(',') ?? null, filters };
}

/** @param {string[] | null} only */
function chooseStages(only) {
  const { selected, unknown } = selectStages(only);
  if (unknown.length === 0) return selected;
  throw new SetupError({
    what: `There is no test stage named ${unknown.join(', ')}.`,
    why: `The stages are ${STAGES.map((stage) => stage.id).join(', ')}; e2e means electron and browser.`,
    remedy: 'npm test -- --help',
  });
}

/**
 * Provides what the chosen stages need. What cannot be had is a problem of the stages that need it, not the end.
 * @param {Set<import('./lib/stages.mjs').Need>} needs
 * @param {import('./lib/stages.mjs').StageContext} context
 */
async function provideNeeds(needs, context) {
  /** @type {Map<string, string>} */
  const problems = new Map();
  let stop = () => {};
  let counted = totals();

  if (needs.has('build')) {
    try {
      await ensureBuild(context);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      say(error.message);
      problems.set('build', 'the build failed');
      counted = totals({ failed: 1 });
    }
  }
  if (needs.has('electron')) {
    const problem = await provideElectron(context);
    if (problem) problems.set('electron', problem);
  }
  if (needs.has('display')) {
    const display = await ensureDisplay(context.env);
    stop = display.stop;
    if (display.display) pointAtDisplay(context.env, display.display);
    if (display.problem) problems.set('display', display.problem);
  }
  if (needs.has('chromium')) {
    const chromium = await ensureChromium(context);
    if (chromium.executable) context.env.LATHE_CHROMIUM = chromium.executable;
    if (chromium.problem) problems.set('chromium', chromium.problem);
  }
  return { problems, totals: counted, stop };
}

/** On a Wayland desktop Electron would pass Xvfb by. @param {NodeJS.ProcessEnv} env @param {string} display */
function pointAtDisplay(env, display) {
  env.DISPLAY = display;
  env.XDG_SESSION_TYPE = 'x11';
  delete env.WAYLAND_DISPLAY;
}

/** @param {import('./lib/stages.mjs').StageContext} context @returns {Promise<string | null>} the problem */
async function provideElectron(context) {
  const electron = await ensureElectron(context);
  if (electron === null) return `Electron could not be downloaded; the lines above say what would mend it`;
  context.env.LATHE_ELECTRON = electron.executable;
  context.env.ELECTRON_OVERRIDE_DIST_PATH = electron.folder;
  return ensureSystemLibraries(electron.executable);
}

/**
 * @param {import('./lib/stages.mjs').Stage} stage
 * @param {import('./lib/stages.mjs').StageContext} context
 * @param {Map<string, string>} problems
 */
async function runStage(stage, context, problems) {
  console.log(`\n── ${stage.title} (${stage.id}) ──`);
  const unmet = stage.needs.find((need) => problems.has(need));
  if (unmet) {
    const { count, text } = await stage.subject(context);
    const note = `${text} not run: ${problems.get(unmet)}`;
    say(note);
    return totals({ skipped: count, notes: [note] });
  }
  const started = performance.now();
  const result = await stage.run(context);
  console.log(
    `── ${stage.id}: ${closingLine(result)} · ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
  return result;
}

/** What did not run, what failed, then the line that tools read. @param {import('./lib/results.mjs').Totals} all */
function conclude(all) {
  console.log('');
  const list = (/** @type {string} */ title, /** @type {string[]} */ lines) => {
    if (lines.length > 0) console.log(`${title}:\n${lines.map((line) => `  - ${line}`).join('\n')}\n`);
  };
  list('Not run', all.notes);
  list('Failed', all.failures);
  console.log(closingLine(all));
  return all.failed === 0 ? 0 : 1;
}
