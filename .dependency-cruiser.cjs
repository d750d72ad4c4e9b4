/** Import rules of docs/architecture: who may import whom. A wrong import fails `npm run check`. */
const layer = (name, from, notTo, comment) => ({ name, severity: 'error', comment, from, to: notTo });

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Two files that need each other are one file, or need a third.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    layer(
      'contract-is-pure',
      { path: '^src-main/contract' },
      { pathNot: '(^src-main/contract|(^|/)node_modules/(zod|@orpc/contract)/)' },
      'The contract is pure: zod and @orpc/contract only; no node:, no electron, no DOM.',
    ),
    layer(
      'platform-stands-below',
      { path: '^src-main/platform' },
      { path: '^src-main/(?!platform|contract)|^src-renderer|(^|/)node_modules/electron/' },
      'platform is what every Node process shares; it knows only the contract.',
    ),
    layer(
      'renderer-sees-only-the-contract',
      { path: '^src-renderer' },
      { path: '^src-main/(?!contract)' },
      'The renderer may import src-main/contract, nothing else of src-main.',
    ),
    layer(
      'renderer-has-no-node',
      { path: '^src-renderer', pathNot: '\\.test\\.' },
      { dependencyTypes: ['core'] },
      'The renderer runs in a browser tab too.',
    ),
    layer(
      'engine-is-plain-node',
      { path: '^src-main/engine' },
      { path: '^src-main/(inference|host-|cli)|^src-renderer|(^|/)node_modules/electron/' },
      'The engine runs headless: no electron, no host, no inference code.',
    ),
    layer(
      'inference-stands-alone',
      { path: '^src-main/inference' },
      { path: '^src-main/(engine|host-|cli)|^src-renderer|(^|/)node_modules/electron/' },
      'Gateway and runner are the bundle that is deployed remotely: contract and platform only.',
    ),
    layer(
      'only-the-runner-loads-onnx',
      { pathNot: '^(src-main/inference/(runner|probe)|bench|e2e)' },
      { path: '(^|/)node_modules/onnxruntime' },
      'ONNX Runtime blocks its thread and may crash: the runner, and the process that tries a provider, load it.',
    ),
    layer(
      'only-the-analysis-process-loads-duckdb',
      { pathNot: '^(src-main/engine/analysis/duck\\.ts|bench)' },
      { path: '(^|/)node_modules/@duckdb' },
      'DuckDB takes memory and threads, and may crash: it runs in a process of its own, opened in one place.',
    ),
    layer(
      'hosts-use-the-engine-door',
      { path: '^src-main/(host-electron|host-headless)' },
      { path: '^src-main/engine/(?!index\\.ts)' },
      'Hosts see the engine through engine/index.ts.',
    ),
    layer(
      'cli-is-a-thin-client',
      { path: '^src-main/cli' },
      { path: '^src-main/(engine|inference|host-electron)' },
      'The CLI talks to the engine over the contract; `serve` goes through host-headless.',
    ),
    layer(
      'nobody-imports-electron-host',
      { pathNot: '^src-main/host-electron' },
      { path: '^src-main/host-electron|(^|/)node_modules/electron/' },
      'Nobody imports the desktop host.',
    ),
    layer(
      'nobody-imports-headless-host',
      { pathNot: '^src-main/(host-headless|cli)' },
      { path: '^src-main/host-headless' },
      'Only the CLI starts the headless host.',
    ),
    layer(
      'areas-meet-at-their-doors',
      { path: '^src-main/engine/areas/([^/]+)/' },
      { path: '^src-main/engine/areas/([^/]+)/', pathNot: ['^src-main/engine/areas/$1/', '/index\\.ts$'] },
      'An area imports its own files and other areas’ index.ts.',
    ),
    layer(
      'engine-uses-area-doors',
      { path: '^src-main/engine/(?!areas)' },
      { path: '^src-main/engine/areas/[^/]+/(?!index\\.ts)' },
      'Outside an area only its index.ts is seen.',
    ),
    layer(
      'renderer-areas-do-not-mix',
      { path: '^src-renderer/areas/([^/]+)/' },
      { path: '^src-renderer/areas/([^/]+)/', pathNot: ['^src-renderer/areas/$1/', '/index\\.tsx?$'] },
      'A view imports its own files and other views’ index.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|e2e/fixtures)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'src-renderer/tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.css'],
    },
  },
};
