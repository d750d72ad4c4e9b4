/** Failures in MLflow's form: {error_code, message} with the status its clients expect (tracking.md: 5xx is retried for minutes). */
import { LatheError, toErrorReport } from '../../../contract/errors.ts';
import { codeOf, storageFailure } from '../../data/failures.ts';

const STATUS = {
  INVALID_PARAMETER_VALUE: 400,
  BAD_REQUEST: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  INTERNAL_ERROR: 500,
} as const;

export type MlflowErrorCode = keyof typeof STATUS;

export class MlflowError extends Error {
  readonly code: MlflowErrorCode;

  constructor(code: MlflowErrorCode, message: string) {
    super(message);
    this.name = 'MlflowError';
    this.code = code;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

export const invalid = (message: string): MlflowError => new MlflowError('INVALID_PARAMETER_VALUE', message);

/** Any thrown value as MLflow would say it. */
export function toMlflowError(given: unknown): MlflowError {
  if (given instanceof MlflowError) return given;
  const thrown = storageFailure(given, 'of this server') ?? given;
  if (thrown instanceof LatheError) {
    const { code, message, details } = thrown;
    switch (code) {
      case 'LATHE_NOT_FOUND':
        return new MlflowError(
          'RESOURCE_DOES_NOT_EXIST',
          notFound(String(details.kind), String(details.name), details.model),
        );
      case 'LATHE_TRACKING_NAME_TAKEN':
        return new MlflowError('RESOURCE_ALREADY_EXISTS', message);
      case 'LATHE_TRACKING_STATE':
      case 'LATHE_TRACKING_PARAM_CHANGED':
        return invalid(message);
      case 'LATHE_INPUT_INVALID':
      case 'LATHE_BLOB_MISMATCH':
        return invalid(String(details.reason ?? message));
      case 'LATHE_WORKSPACE_BUSY':
        return new MlflowError('TEMPORARILY_UNAVAILABLE', message);
      case 'LATHE_WORKSPACE_READONLY':
      case 'LATHE_MODELS_IN_USE':
      case 'LATHE_WORKSPACE_DISK_FULL':
        return new MlflowError('RESOURCE_CONFLICT', `${message} ${thrown.remedy}`);
      default:
        return new MlflowError(thrown.status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR', message);
    }
  }
  if (codeOf(thrown)?.startsWith('SQLITE_BUSY'))
    return new MlflowError('TEMPORARILY_UNAVAILABLE', new LatheError('LATHE_WORKSPACE_BUSY').message);
  return new MlflowError('INTERNAL_ERROR', toErrorReport(thrown).cause);
}

function notFound(kind: string, name: string, model: unknown): string {
  if (kind === 'run') return `Run with id=${name} not found`;
  if (kind === 'experiment') return `No Experiment with id=${name} exists`;
  if (kind === 'experiment name') return `Could not find experiment with name '${name}'`;
  if (kind === 'tag') return `No tag with name: ${name}`;
  if (kind === 'tag of a logged model')
    return `No tag with key '${name}' found for model with ID '${String(model)}'.`;
  if (kind === 'logged model') return `Logged model with ID '${name}' not found.`;
  if (kind === 'registered model') return `Registered Model with name=${name} not found`;
  if (kind === 'model version') return `Model Version ${name} not found`;
  if (kind === 'latest version') return `Latest version not found for model ${name}.`;
  return `There is no ${kind} ${name}`;
}
