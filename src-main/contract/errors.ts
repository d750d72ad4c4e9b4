/**
 * The one catalogue of failures. Every error a user or a client can meet is a row here: a stable code,
 * the HTTP status it travels with, one sentence of cause and one of remedy. `{name}` is filled from details.
 * docs/errors.md is generated from this file.
 */
import { ALERT_ERRORS } from './errors-alerts.ts';
import { ANALYSIS_ERRORS } from './errors-analysis.ts';
import { QUALITY_ERRORS } from './errors-quality.ts';
import { SERVING_ERRORS } from './errors-serving.ts';

export type ErrorEntry = { status: number; cause: string; remedy: string };

export const ERRORS = {
  LATHE_INTERNAL: {
    status: 500,
    cause: 'Something went wrong inside Lathe: {reason}.',
    remedy: 'Try again; if it comes back, export the diagnostics from Settings and report it.',
  },
  LATHE_INPUT_INVALID: {
    status: 400,
    cause: 'The request does not match what this call expects: {reason}.',
    remedy: 'Correct the named field and send it again.',
  },
  LATHE_NOT_FOUND: {
    status: 404,
    cause: 'There is no {kind} named {name}.',
    remedy: 'Check the name; it may have been deleted or renamed.',
  },
  LATHE_CONFLICT: {
    status: 409,
    cause: '{kind} {name} was changed by someone else since you opened it.',
    remedy: 'Look at its present value and apply your change again.',
  },
  LATHE_CANCELLED: {
    status: 499,
    cause: 'The {kind} was cancelled.',
    remedy: 'Start it again when you want it to run.',
  },
  LATHE_ENGINE_UNAVAILABLE: {
    status: 503,
    cause: 'The engine is not running right now.',
    remedy: 'Lathe restarts it by itself; wait a moment, or quit and open Lathe again.',
  },
  LATHE_AUTH_TOKEN: {
    status: 401,
    cause: 'This request carries no valid access token.',
    remedy: 'Open the URL that `lathe serve` printed, which contains the token.',
  },
  LATHE_AUTH_HOST: {
    status: 403,
    cause: 'The Host header {host} is not a name this server answers to.',
    remedy: 'Use 127.0.0.1 or localhost with the printed port.',
  },
  LATHE_AUTH_ORIGIN: {
    status: 403,
    cause: 'Requests from the origin {origin} are not accepted.',
    remedy: 'Call this server from the Lathe window, or from a program rather than a web page.',
  },
  LATHE_WORKSPACE_LOCKED: {
    status: 423,
    cause: 'The workspace {path} is already open in another Lathe (process {pid}).',
    remedy: 'Use that window, or close it first and open the workspace again.',
  },
  LATHE_WORKSPACE_BUSY: {
    status: 503,
    cause: 'Another program holds the database of the workspace.',
    remedy: 'Close what is in the middle of a change to lathe.db, such as a database browser, and try again.',
  },
  LATHE_WORKSPACE_NEWER: {
    status: 409,
    cause: 'The workspace {path} was written by a newer Lathe (schema {found}, this one knows {known}).',
    remedy: 'Update Lathe, then open the workspace again. Nothing in it was changed.',
  },
  LATHE_WORKSPACE_CORRUPT: {
    status: 500,
    cause: 'The database {path} is damaged or is not a SQLite file ({reason}).',
    remedy:
      'Restore a copy from the backups folder beside it, or open another workspace. Nothing was changed.',
  },
  LATHE_WORKSPACE_FOREIGN: {
    status: 409,
    cause: 'The database {path} is a SQLite file, but not one that Lathe made.',
    remedy: 'Choose another folder for the workspace. Nothing was changed.',
  },
  LATHE_WORKSPACE_READONLY: {
    status: 403,
    cause: 'The workspace folder {path} cannot be written to ({reason}).',
    remedy: 'Give your user write permission, or choose a folder on a writable disk.',
  },
  LATHE_WORKSPACE_DISK_FULL: {
    status: 507,
    cause: 'The disk that holds the workspace {path} is full.',
    remedy: 'Free some space. What was saved before is safe; the last change was not saved.',
  },
  LATHE_WORKSPACE_MIGRATION: {
    status: 500,
    cause: 'Updating the workspace {path} to schema {to} failed: {reason}.',
    remedy: 'The workspace is as it was; a backup is at {backup}. Report this with the diagnostics.',
  },
  LATHE_BLOB_MISMATCH: {
    status: 422,
    cause: 'The uploaded bytes do not match what was announced ({reason}).',
    remedy: 'Upload the file again.',
  },
  LATHE_UPLOAD_TOO_LARGE: {
    status: 413,
    cause: 'The file has {size} bytes; at most {limit} are accepted.',
    remedy: 'Upload a smaller file.',
  },
  LATHE_TRACKING_NAME_TAKEN: {
    status: 400,
    cause: '{kind}({name}) already exists{where}.',
    remedy: 'Choose another name, or restore the deleted one.',
  },
  LATHE_TRACKING_STATE: {
    status: 400,
    cause: "The {kind} {id} must be in the '{needed}' state. Current state is {state}.",
    remedy: 'Restore it first, or use another one.',
  },
  LATHE_TRACKING_PARAM_CHANGED: {
    status: 400,
    cause:
      "Changing param values is not allowed. Param with key='{key}' was already logged with value='{present}' for run ID='{run}'. Attempted logging new value '{value}'.",
    remedy: 'Log the new value under another name, or in a new run.',
  },
  LATHE_VIEWS_NAME_TAKEN: {
    status: 409,
    cause: 'This experiment has a view named {name} already.',
    remedy: 'Choose another name, or open that view and update it.',
  },
  LATHE_MODELS_NOT_ONNX: {
    status: 422,
    cause: '{file} is not an ONNX model: {reason}.',
    remedy: 'Export the model to ONNX (for example with skl2onnx or torch.onnx.export) and import that file.',
  },
  LATHE_MODELS_UNSUPPORTED_OPERATOR: {
    status: 422,
    cause: '{file} uses an operator this runtime does not have: {operator}.',
    remedy: 'Export the model with standard ONNX operators (opset 21 or older) and import it again.',
  },
  LATHE_MODELS_LOAD_FAILED: {
    status: 422,
    cause: 'ONNX Runtime could not load {file}: {reason}.',
    remedy: 'Check the model with onnx.checker.check_model, export it again and import the new file.',
  },
  LATHE_MODELS_NOT_SERVABLE: {
    status: 422,
    cause: 'Version {version} of {model} cannot be served here: {reason}',
    remedy: 'Register a version that holds one ONNX model (mlflow.onnx.log_model, or import the .onnx file).',
  },
  LATHE_MODELS_IN_USE: {
    status: 409,
    cause: 'Version {version} of {name} is served by the endpoint {endpoint}.',
    remedy: 'Route its traffic to another version first.',
  },
  LATHE_TRASH_NAME_TAKEN: {
    status: 409,
    cause: 'The {kind} {name} cannot come back: by now there is another one of that name.',
    remedy: 'Rename or delete that one first, then restore it again.',
  },
  ...SERVING_ERRORS,
  ...ANALYSIS_ERRORS,
  ...QUALITY_ERRORS,
  LATHE_REPLAY_NOT_PARQUET: {
    status: 422,
    cause: '{file} is not a Parquet file: {reason}.',
    remedy: 'Choose a Parquet file (snappy or uncompressed).',
  },
  LATHE_REPLAY_COLUMNS: {
    status: 422,
    cause: '{file} lacks columns that {endpoint} needs: {missing}.',
    remedy: 'Use a file that has one column for each model input, or choose another endpoint.',
  },
  LATHE_MONITORING_LABEL_UNKNOWN: {
    status: 404,
    cause: 'No logged prediction has the id {id}.',
    remedy: 'Send the id that the inference response returned, within the retention time.',
  },
  ...ALERT_ERRORS,
  LATHE_AB_TESTS_ROW: {
    status: 422,
    cause: 'The request {id} had several rows, and the feedback does not say which.',
    remedy: 'Send `row` with it, counted from 0, or the prediction id "<request>#<row>".',
  },
  LATHE_AB_TESTS_PENDING_FULL: {
    status: 503,
    cause: 'No prediction has the id {id} yet, and {most} items of feedback wait for theirs already.',
    remedy: 'Send it again later, and check that it names ids of answered requests on an endpoint that logs.',
  },
  LATHE_AB_TESTS_FEEDBACK_AWAY: {
    status: 503,
    cause: 'Feedback cannot be kept right now: {reason}.',
    remedy: 'Send it again after the time in Retry-After; what was kept already is not counted twice.',
  },
  LATHE_HOST_UNSUPPORTED: {
    status: 501,
    cause: 'This host cannot do that: {reason}.',
    remedy: 'Use the desktop app for it.',
  },
  LATHE_HOST_BIND_REFUSED: {
    status: 400,
    cause: 'Listening on {host} would let other machines reach this workspace without encryption.',
    remedy: 'Leave --host out, or put a TLS proxy in front and name it with --behind-proxy NAME[:PORT].',
  },
  LATHE_HOST_NOT_RUNNING: {
    status: 503,
    cause: 'No Lathe has the workspace {path} open.',
    remedy: 'Start it with `npm start` or `lathe serve --workspace {path}`, then try again.',
  },
  LATHE_RUN_NO_PROGRAM: {
    status: 404,
    cause: 'There is no program {name} to run.',
    remedy: 'Check the spelling, or activate the environment that has it, then try again.',
  },
  LATHE_RUN_DATA: {
    status: 422,
    cause: 'The data {path} cannot be identified: {reason}.',
    remedy: 'Make sure that it can be read and that nothing writes to it, then start the run again.',
  },
  LATHE_RUN_NOT_RECORDED: {
    status: 502,
    cause: 'Lathe could not record {what}: {reason}.',
    remedy: 'Check with `lathe status` that the tracking server listens, then try again.',
  },
  LATHE_METHOD_NOT_ALLOWED: {
    status: 405,
    cause: '{path} does not answer to {method}.',
    remedy: 'Use {allowed} there.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorDetails = Record<string, string | number | boolean | null>;

/** What crosses every boundary (RPC, HTTP, logs, screen) for a failure. */
export type ErrorReport = {
  code: ErrorCode;
  status: number;
  cause: string;
  remedy: string;
  details: ErrorDetails;
};

const fill = (text: string, details: ErrorDetails): string =>
  text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in details ? String(details[key]) : whole));

/** A failure with a code of the catalogue. Throw this, never a bare Error, across an area's door. */
export class LatheError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(ERRORS[code].cause, details), options);
    this.name = 'LatheError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get remedy(): string {
    return fill(ERRORS[this.code].remedy, this.details);
  }

  report(): ErrorReport {
    return {
      code: this.code,
      status: this.status,
      cause: this.message,
      remedy: this.remedy,
      details: this.details,
    };
  }
}

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERRORS, value);

/** Any thrown value as a report; what is not a LatheError becomes LATHE_INTERNAL with its message. */
export function toErrorReport(thrown: unknown): ErrorReport {
  if (thrown instanceof LatheError) return thrown.report();
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new LatheError('LATHE_INTERNAL', { reason }).report();
}
