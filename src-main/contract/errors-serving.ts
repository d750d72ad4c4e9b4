/** The catalogue's rows of serving and of the devices that models run on. See errors.ts. */
export const SERVING_ERRORS = {
  LATHE_SERVING_PORT_IN_USE: {
    status: 409,
    cause: 'Port {port} is used by another program, so {service} could not start there.',
    remedy: 'Stop that program, or choose another port in Settings → Network.',
  },
  LATHE_SERVING_MODEL_UNAVAILABLE: {
    status: 503,
    cause: 'Model {name} version {version} is not ready: {reason}.',
    remedy: 'Try again in a moment; Serving shows what it is waiting for.',
  },
  LATHE_SERVING_RUNNER_LOST: {
    status: 503,
    cause: 'The process that runs {name} stopped while it worked on this request.',
    remedy: 'Send it again; Lathe is restarting the process.',
  },
  LATHE_SERVING_OVERLOADED: {
    status: 503,
    cause: '{name} has more work than it can answer in time: {reason}.',
    remedy: 'Send again after the Retry-After time, or lower the rate.',
  },
  LATHE_SERVING_QUEUE_TIMEOUT: {
    status: 503,
    cause: 'Request timeout expired: {name} could not begin it within the {ms} ms that the request allows.',
    remedy: 'Send it again later, or give it a longer timeout.',
  },
  LATHE_SERVING_MODEL_STOPPED: {
    status: 503,
    cause: 'Model {name} version {version} was stopped: {reason}.',
    remedy: 'Correct the model and register a new version, or load it again to give it another try.',
  },
  LATHE_SERVING_MEMORY: {
    status: 503,
    cause:
      'Model {name} version {version} needs about {needed} MiB, and {budget} MiB are set aside for models on this device.',
    remedy: 'Raise the memory budget in Settings → Serving, or serve a smaller model.',
  },
  LATHE_SERVING_PROVIDER: {
    status: 503,
    cause: 'Model {name} version {version} is to run on {provider}, which cannot do it: {reason}.',
    remedy: 'Follow what `lathe gpu` says about {provider}, or let the model run on “auto” or “cpu”.',
  },
  LATHE_DEVICES_UNSUPPORTED: {
    status: 501,
    cause: 'ONNX Runtime {version} has no {provider} on {platform}.',
    remedy: 'Nothing is to be done: models run on the CPU.',
  },
  LATHE_DEVICES_NO_DEVICE: {
    status: 503,
    cause: 'There is no device for {provider}: {reason}.',
    remedy: 'If the machine has a GPU, make it visible here (in a container: --gpus all), then try again.',
  },
  LATHE_DEVICES_NO_DRIVER: {
    status: 503,
    cause: 'The NVIDIA driver is missing: {reason}.',
    remedy: 'Install NVIDIA’s driver 580 or newer, which CUDA 13 needs, and restart the machine.',
  },
  LATHE_DEVICES_NOT_INSTALLED: {
    status: 503,
    cause: 'The CUDA files of ONNX Runtime {version} are not installed.',
    remedy: 'Run `lathe gpu install`, which fetches {megabytes} MB.',
  },
  LATHE_DEVICES_LIBRARY_MISSING: {
    status: 503,
    cause: '{provider} needs libraries that are not found here: {libraries}.',
    remedy: '{install}.',
  },
  LATHE_DEVICES_LIBRARY_DAMAGED: {
    status: 503,
    cause: '{library} cannot be used: {reason}.',
    remedy: 'Run `lathe gpu install`, which replaces what is damaged.',
  },
  LATHE_DEVICES_FAILED: {
    status: 503,
    cause: '{provider} could not run a trial model: {reason}.',
    remedy: 'Update the device’s driver, then try again with `lathe gpu --reprobe`.',
  },
  LATHE_DEVICES_CRASHED: {
    status: 503,
    cause: '{provider} ended the process that tried it ({how}) while it was {step}.',
    remedy: 'Update the device’s driver, then try again with `lathe gpu --reprobe`.',
  },
  LATHE_DEVICES_HUNG: {
    status: 503,
    cause: '{provider} did not finish within {seconds} s while it was {step}.',
    remedy: 'Make sure that nothing else holds the device, then try again with `lathe gpu --reprobe`.',
  },
  LATHE_DEVICES_WRONG: {
    status: 503,
    cause: '{provider} computes something else than the CPU: {difference} apart where {allowed} is allowed.',
    remedy: 'Update the device’s driver, then try again with `lathe gpu --reprobe`.',
  },
  LATHE_GPU_DOWNLOAD: {
    status: 502,
    cause: 'The CUDA files could not be read from {from}: {reason}.',
    remedy:
      'Check the network and `npm config get registry`, or run `npm pack {package}` where it works and give that file with --file.',
  },
  LATHE_GPU_NOT_GENUINE: {
    status: 422,
    cause: '{file} is not what was reviewed, so nothing was installed: {reason}.',
    remedy:
      'Do not work around this: find out whether the registry or the network replaced it, and report it.',
  },
  LATHE_GPU_DISK: {
    status: 507,
    cause: 'The CUDA files need {needed} MiB in {folder}, where {free} MiB are free.',
    remedy: 'Free disk space, then run `lathe gpu install` again.',
  },
  LATHE_GPU_WRITE: {
    status: 507,
    cause: 'The CUDA files could not be written to {folder}: {reason}.',
    remedy: 'Make sure that the folder can be written to and the disk is not full, then try again.',
  },
  LATHE_GPU_RUNTIME: {
    status: 409,
    cause: '{file} is not ONNX Runtime {version}, which the CUDA files are for: {reason}.',
    remedy: 'Install Lathe’s own dependencies again (`npm ci`), then run `lathe gpu install`.',
  },
  LATHE_SERVING_MODEL_NOT_FOUND: {
    status: 404,
    cause: 'Nothing is served under the name {name}.',
    remedy: 'List what is served with POST /v2/repository/index, or look at Serving.',
  },
  LATHE_SERVING_VERSION_NOT_FOUND: {
    status: 404,
    cause: '{name} has no served version {version}.',
    remedy: 'Leave the version out to use the endpoint’s route, or load that version.',
  },
  LATHE_SERVING_INPUT_MISSING: {
    status: 400,
    cause: 'Model {name} expects the input {input}, which the request does not have.',
    remedy: 'Send every input that GET /v2/models/{name} lists.',
  },
  LATHE_SERVING_INPUT_UNKNOWN: {
    status: 400,
    cause: 'Model {name} has no input named {input}.',
    remedy: 'Use the input names that GET /v2/models/{name} lists.',
  },
  LATHE_SERVING_INPUT_SHAPE: {
    status: 400,
    cause: 'Input {input} has shape {found}, but {name} expects {expected}.',
    remedy: 'Reshape the input; the first dimension is the number of rows.',
  },
  LATHE_SERVING_INPUT_TYPE: {
    status: 400,
    cause: 'Input {input} has datatype {found}, but {name} expects {expected}.',
    remedy: 'Send the datatype that GET /v2/models/{name} lists.',
  },
  LATHE_SERVING_INPUT_DATA: {
    status: 400,
    cause: 'Input {input} does not hold valid data: {reason}.',
    remedy: 'Send as many values of that datatype as the shape says, flat or nested, row by row.',
  },
  LATHE_SERVING_BODY_MALFORMED: {
    status: 400,
    cause: 'The request body is not valid JSON: {reason}.',
    remedy: 'Send an Open Inference Protocol request: {"inputs":[{"name","shape","datatype","data"}]}.',
  },
  LATHE_SERVING_BODY_TOO_LARGE: {
    status: 413,
    cause: 'The request body is larger than {limit} bytes.',
    remedy: 'Send fewer rows at once.',
  },
  LATHE_SERVING_NOT_READY: {
    status: 400,
    cause: '{name} is not ready: {reason}.',
    remedy: 'Ask again in a moment; POST /v2/repository/index tells the state of every version.',
  },
  LATHE_SERVING_UNSUPPORTED: {
    status: 501,
    cause: 'This server does not do {what}.',
    remedy: 'Send the request without it; GET /v2 lists the extensions that are there.',
  },
  LATHE_SERVING_RUN_FAILED: {
    status: 500,
    cause: 'Running {name} version {version} failed: {reason}.',
    remedy: 'Check the input values against the model; other requests are not affected.',
  },
  LATHE_SERVING_TIMEOUT: {
    status: 504,
    cause: 'Model {name} version {version} did not answer within {ms} ms.',
    remedy: 'Send fewer rows at once, or raise the limit for this endpoint.',
  },
  LATHE_SERVING_SPLIT_INVALID: {
    status: 400,
    cause: 'The split is not usable: {reason}.',
    remedy: 'Give every arm an existing version, and weights that add up to 100 %.',
  },
  LATHE_SERVING_ROUTE_INVALID: {
    status: 400,
    cause: 'The route is not usable: {reason}.',
    remedy: 'Correct the named part of the plan or the shadow and save it again.',
  },
  LATHE_SERVING_ANSWER_TOO_LARGE: {
    status: 413,
    cause: 'The answer of {name} is larger than the {limit} bytes that are shown here.',
    remedy: 'Send fewer rows, or send the request from a program.',
  },
  LATHE_SERVING_CANARY_ACTION: {
    status: 409,
    cause: 'The canary of {name} cannot do this ({action}): {reason}.',
    remedy: 'Look at where it is now; `start` begins a plan, `resume` goes on with a paused one.',
  },
  LATHE_SERVING_SHADOW_STOPPED: {
    status: 503,
    cause:
      'Version {version} of {name} took the process with it that runs the models, and is no shadow any more.',
    remedy: 'Take the shadow away and set it again to give it another chance.',
  },
} as const;
