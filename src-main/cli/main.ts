/** `lathe …`: a thin client of the engine. Each command is a file of its own, loaded when it is called. */
import { type ExitCode, print, printFailure, printJson, UsageError } from './output.ts';
import { VERSION } from './program.ts';

/** `lathe run` ends with the exit code of what it ran. */
type Command = (argv: readonly string[]) => Promise<ExitCode | number>;

const HELP = `lathe ${VERSION}: a local-first ML workbench

  lathe serve          serve the UI and the model servers without a window
      --workspace DIR  the workspace; made when there is none (default: the sample workspace)
      --sample         put the sample into a workspace that is made
      --ui-port N      port of the UI (default 7400); 0 picks a free one
      --http-port N    port of the inference server, 0 picks a free one (default: as in Settings)
      --grpc-port N    the same for gRPC
      --mlflow-port N  the same for the tracking server
      --host ADDRESS   address to listen on (default 127.0.0.1)
      --behind-proxy NAME[:PORT]  the name under which a TLS proxy in front is reached
  lathe demo --once    run the main job on the sample in a throw-away workspace and check every step
  lathe status         what runs, where it answers
      --workspace DIR  the workspace (default: the one that was open last)
  lathe run [options] -- COMMAND [ARGUMENTS]
                       run training code as a run of a running Lathe, and keep its code,
                       environment, data and output with it
      --experiment E   name of the experiment (default: Default)
      --name N         name of the run (default: a random one)
      --data PATH      a file or folder it reads, identified by its whole content; repeatable
      --env NAME       an environment variable to keep with the run; repeatable
      --workspace DIR  the workspace (default: the one that was open last)
  lathe models import FILE.onnx --name NAME
                       register a model version in a running Lathe
      --description T  what it is
      --workspace DIR  the workspace (default: the one that was open last)
  lathe endpoints show NAME
                       its route, where its canary is, who changed it last
  lathe endpoints route NAME
      --arm K=V:P      an arm: key, version, percent of the units; repeatable, together 100
      --sticky S       what a unit is: unit, input, header:NAME or cookie:NAME
      --shadow V[:P]   a version that gets copies of P percent of the requests; none takes it away
      --reason T       kept in the history, with each of these commands
  lathe endpoints canary NAME start|pause|resume|advance|rollback
      --candidate V    with start: ramp this version up against the one with the most traffic
      --steps P,P,…    its shares in percent (default: 1,5,25,50,100)
      --hold S         seconds a step lasts at least (default: 300)
      --min-requests N of the candidate in a step (default: 500)
      --error-margin P, --latency-ratio X, --end promote|hold  (default: 1, 1.5, promote)
  lathe endpoints rollback NAME
      --to R           back to a revision (default: to the last other route)
  lathe feedback FILE  send rewards and labels for answered requests from JSON lines or CSV
                       (requestId or predictionId, row, reward, label, atMs; or entity,
                       endpoint, atMs, withinMs, label); again changes nothing
      --workspace DIR  the workspace (default: the one that was open last)
  lathe labels FILE --endpoint NAME
                       join ground truth to its predictions, from CSV or Parquet; again changes nothing
      --label C        the column with the label; like the others found by its name where it is left out
      --id C           the column with the prediction's id
      --entity C       instead: the column with the unit, joined to its newest prediction before --at
      --at C           the column with the time, milliseconds or ISO 8601
      --within D       how long before it the prediction may lie: 30m, 12h, 7d (default: 1d)
      --workspace DIR  the workspace (default: the one that was open last)
  lathe metrics push NAME VALUE --endpoint E
                       keep a figure of the business, such as bookings; again changes nothing
      --at TIME        what it is about: 2026-11-26T10:00Z, a day (UTC) or milliseconds (default: now)
      --key K          what the value is known by, instead of its name and time
  lathe metrics import FILE.csv --endpoint E
                       the same from a file with the columns name, at, value and perhaps key
      --name N         the metric, where the file has no column for it
  lathe alerts         what is open
      --endpoint E     of one endpoint
      --all            what is over as well
  lathe alerts ack ID  say that you have seen it
      --note T         kept in its history
  lathe drift-report REFERENCE CURRENT
                       exact drift scores of two Parquet or CSV files, column by column
      --numeric M:T    method and threshold of numeric columns: ks, psi:0.2 or 0.2; --categorical likewise
      --column N=M:T   of one column; may be given again
      --drift-share S  share of drifted columns from which on the data counts as drifted (default: 0.5)
      --workspace DIR  the workspace (default: the one that was open last)
  lathe gpu            what can run models here, what is chosen and why, what is missing
      --reprobe        try everything again
      --use P          auto, cpu, cuda or webgpu for all models of a running Lathe
      --model NAME     only for this one; --use default lets it follow the others again
      --workspace DIR  the workspace (default: the one that was open last)
  lathe gpu install    fetch ONNX Runtime's files for NVIDIA GPUs (CUDA 13) from the npm registry, and check them
      --file F.tgz     take the package from this file
      --remove         remove them
  lathe gc             free the disk: what has had its time in the trash, files that nothing uses, free pages
      --empty-trash    delete everything in the trash for good; without --yes only says what would go
      --older-than N   only what was deleted more than N days ago
      --yes            do it
      --workspace DIR  the workspace (default: the one that was open last)
  lathe verify         read every stored file and compare it with its hash
      --workspace DIR  the workspace (default: the one that was open last)

  --json               one line of JSON instead of text, with every command
  --help, --version

Exit codes: 0 done · 1 failed · 2 not understood · 3 nothing is running\nlathe run ends with the exit code of its command`;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  demo: async () => (await import('./demo.ts')).demo,
  run: async () => (await import('./run.ts')).run,
  status: async () => (await import('./status.ts')).status,
  feedback: async () => (await import('./feedback.ts')).feedback,
  'metrics push': async () => (await import('./metrics.ts')).pushMetric,
  'metrics import': async () => (await import('./metrics.ts')).importMetrics,
  alerts: async () => (await import('./alerts.ts')).listAlerts,
  'alerts ack': async () => (await import('./alerts.ts')).acknowledgeAlert,
  'drift-report': async () => (await import('./drift-report.ts')).driftReport,
  labels: async () => (await import('./labels.ts')).labels,
  gpu: async () => (await import('./gpu.ts')).gpu,
  'gpu install': async () => (await import('./gpu-install.ts')).gpuInstall,
  gc: async () => (await import('./gc.ts')).gc,
  verify: async () => (await import('./verify.ts')).verify,
  'endpoints show': async () => (await import('./endpoints.ts')).showEndpoint,
  'endpoints route': async () => (await import('./endpoints.ts')).setRoute,
  'endpoints canary': async () => (await import('./endpoints.ts')).canary,
  'endpoints rollback': async () => (await import('./endpoints.ts')).rollback,
  'models import': async () => (await import('./models-import.ts')).importModel,
};

async function main(argv: readonly string[]): Promise<number> {
  // What comes after "--" belongs to the command that is run.
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const json = own.includes('--json');
  const [first, second] = own;
  if (first === undefined || first === 'help' || own.includes('--help') || own.includes('-h')) {
    print(HELP);
    return first === undefined ? 2 : 0;
  }
  if (first === '--version' || first === '-v') {
    if (json) printJson({ version: VERSION });
    else print(VERSION);
    return 0;
  }
  try {
    const name = [`${first} ${second}`, first].find((each) => Object.hasOwn(COMMANDS, each));
    const load = name === undefined ? undefined : COMMANDS[name];
    if (name === undefined || !load) throw new UsageError(unknown(first, second));
    const command = await load();
    return await command(argv.slice(name.split(' ').length));
  } catch (thrown) {
    return printFailure(thrown, json);
  }
}

const unknown = (first: string, second: string | undefined): string =>
  first.startsWith('-')
    ? `there is no option ${first}`
    : `there is no command ${(first === 'models' || first === 'endpoints' || first === 'metrics') && second ? `${first} ${second}` : first}`;

// Whatever still listens when a command is done (a socket that closes slowly) must not hold the shell.
process.exit(await main(process.argv.slice(2)));
