/** What can go wrong with labels and slices. */
export const QUALITY_ERRORS = {
  LATHE_LABELS_FILE: {
    status: 422,
    cause: 'The labels in {file} cannot be read: {reason}.',
    remedy: 'Use a CSV file with a header, in UTF-8, or a Parquet file.',
  },
  LATHE_LABELS_COLUMN: {
    status: 422,
    cause: 'The file {file} has no column {column}. It has {columns}.',
    remedy: 'Choose one of its columns, or name the column in the file.',
  },
  LATHE_LABELS_NOT_OF_TASK: {
    status: 422,
    cause: 'The label does not fit the model: {reason}.',
    remedy: 'Send the value that the model predicts: 1 or 0, a number, or a class.',
  },
  LATHE_LABELS_NO_PREDICTION: {
    status: 404,
    cause: 'No prediction of {entity} before that time waits for a label.',
    remedy:
      'Check the entity, the time and how long before it the prediction may lie; send it again once it is logged.',
  },
  LATHE_SLICES_FULL: {
    status: 409,
    cause: '{endpoint} has {most} slices already, those being removed included.',
    remedy: 'Remove one; its place is free once its rows are sorted out.',
  },
  LATHE_SLICES_FEATURE: {
    status: 404,
    cause: 'No version behind {endpoint} has an input named {feature}.',
    remedy: 'Choose one of its inputs: {inputs}.',
  },
  LATHE_SLICES_MASKED: {
    status: 409,
    cause:
      '{feature} of {endpoint} is masked: its values are not written down, and rows cannot be sorted by them.',
    remedy: 'Choose another input, or take the mask off on the endpoint’s Setup tab first.',
  },
  LATHE_SLICES_NAME_TAKEN: {
    status: 409,
    cause: '{endpoint} has a slice named {name} already.',
    remedy: 'Choose another name.',
  },
  LATHE_SLICES_RANGE: {
    status: 400,
    cause: 'The range of {feature} holds no value.',
    remedy: 'Give a lower bound, an upper bound above it, or both.',
  },
} as const;
