/** The catalogue's rows of tables that are read, compared and kept in the analysis process. See errors.ts. */
export const ANALYSIS_ERRORS = {
  LATHE_ANALYSIS_START: {
    status: 503,
    cause: 'The analysis process did not start: {reason}.',
    remedy: 'Try again; if it comes back, export the diagnostics from Settings and report it.',
  },
  LATHE_ANALYSIS_ENDED: {
    status: 503,
    cause: 'The analysis process ended while it worked on this ({how}).',
    remedy: 'Try again: it is started anew. If it ends each time, use fewer rows or columns.',
  },
  LATHE_ANALYSIS_MEMORY: {
    status: 507,
    cause: 'This needs more memory than the analysis process may take ({reason}).',
    remedy: 'Use fewer rows or columns.',
  },
  LATHE_DATA_FILE: {
    status: 422,
    cause: '{file} cannot be read as a table: {reason}.',
    remedy: 'Use a Parquet file, or a CSV file in UTF-8 whose first line names the columns.',
  },
  LATHE_REFERENCE_UNFIT: {
    status: 422,
    cause: 'This cannot be a reference: {reason}.',
    remedy: 'Use rows of the data that the model was made for, with its inputs as columns.',
  },
  LATHE_REFERENCE_FROZEN: {
    status: 409,
    cause: 'The reference {title} froze the grid on which the version is counted.',
    remedy: 'Make another one active; this one stays.',
  },
  LATHE_REPORT_NO_ROWS: {
    status: 422,
    cause: 'There are no raw rows on the {side} side: {reason}.',
    remedy: 'Choose another time or another reference, or turn on the logging of predictions.',
  },
} as const;
