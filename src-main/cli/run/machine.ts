/** The machine a run happens on, and the few environment variables that change what training does. */
import { readFile } from 'node:fs/promises';
import { cpus, hostname, release, type as systemType, totalmem } from 'node:os';
import { askText } from './ask.ts';
import { textWithoutCredentials } from './secrets.ts';

export type Machine = {
  host: string;
  os: string;
  cpu: string;
  memory: string;
  gpus: { name: string; driver: string; memory: string }[];
};

export async function describeMachine(): Promise<Machine> {
  const [distribution, gpus] = await Promise.all([linuxName(), listGpus()]);
  const all = cpus();
  return {
    host: hostname(),
    os: [distribution, systemType(), release(), process.arch].filter(Boolean).join(' '),
    cpu: `${all[0]?.model.trim() ?? 'unknown'} × ${all.length}`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(1)} GiB`,
    gpus,
  };
}

async function linuxName(): Promise<string> {
  if (process.platform !== 'linux') return '';
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? '';
}

/** None where there is no NVIDIA driver, or where it does not answer. */
async function listGpus(): Promise<Machine['gpus']> {
  const query = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];
  const text = await askText('nvidia-smi', query, { limitMs: 10_000 });
  return (text ?? '')
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter((parts) => parts.length === 3)
    .map(([name = '', driver = '', memory = '']) => ({ name, driver, memory }));
}

/** Nothing else of the environment is kept: it is full of secrets. */
const KEPT = [
  ...['CUDA_VISIBLE_DEVICES', 'NVIDIA_VISIBLE_DEVICES', 'CUDA_LAUNCH_BLOCKING', 'CUBLAS_WORKSPACE_CONFIG'],
  ...['PYTHONHASHSEED', 'PYTHONPATH', 'VIRTUAL_ENV', 'CONDA_DEFAULT_ENV'],
  ...['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'TOKENIZERS_PARALLELISM'],
  ...[
    'PYTORCH_CUDA_ALLOC_CONF',
    'TF_DETERMINISTIC_OPS',
    'TF_CUDNN_DETERMINISTIC',
    'XLA_FLAGS',
    'JAX_PLATFORMS',
  ],
  ...['RANK', 'LOCAL_RANK', 'WORLD_SIZE', 'SLURM_JOB_ID', 'TZ', 'LANG', 'LC_ALL'],
];

/** Of the environment what is on the list, and what was asked for by name. */
export function keptEnvironment(
  env: NodeJS.ProcessEnv,
  more: readonly string[] = [],
): Record<string, string> {
  const names = [...new Set([...KEPT, ...more])].sort();
  return Object.fromEntries(
    names.flatMap((name) => (env[name] === undefined ? [] : [[name, textWithoutCredentials(env[name])]])),
  );
}
