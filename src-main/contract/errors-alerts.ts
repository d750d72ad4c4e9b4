/** Failures of alerts and business metrics; a part of the catalogue in errors.ts. */
export const ALERT_ERRORS = {
  LATHE_BUSINESS_METRICS_TIME: {
    status: 422,
    cause: 'Point {at} of {metric} is of {time}, which is more than a day ahead of now.',
    remedy: 'Send milliseconds since 1970 in UTC, and check the clock of the machine that sends.',
  },
  LATHE_BUSINESS_METRICS_MOST: {
    status: 422,
    cause: 'The endpoint {endpoint} has {most} business metrics already, and {metric} would be another one.',
    remedy: 'Remove one that nobody needs, or check the spelling of the name.',
  },
  LATHE_BUSINESS_METRICS_COLUMNS: {
    status: 422,
    cause: '{file} cannot be imported: {reason}.',
    remedy: 'Give a CSV file whose first line names the columns at, value and name; key is optional.',
  },
  LATHE_BUSINESS_METRICS_FILE: {
    status: 422,
    cause: '{file} is not good CSV: {reason}.',
    remedy: 'Correct that line and import the file again; what was taken already is not counted twice.',
  },
  LATHE_BUSINESS_METRICS_AWAY: {
    status: 503,
    cause: 'Business metrics cannot be kept right now: {reason}.',
    remedy: 'Send them again after the time in Retry-After; what was kept already is not counted twice.',
  },
  LATHE_ALERTS_RULE: {
    status: 422,
    cause: 'The rule is not usable: {reason}.',
    remedy: 'Correct the named part of the rule and save it again.',
  },
  LATHE_ALERTS_CHANNEL_ADDRESS: {
    status: 422,
    cause: 'The address of the channel cannot be used: {reason}.',
    remedy: 'Give the whole address of the webhook, as https://…, without a user name or a password in it.',
  },
  LATHE_ALERTS_NO_SECRETS: {
    status: 501,
    cause: 'This machine has no keychain, so that the address of a webhook cannot be kept safely.',
    remedy:
      'Set up a keychain (on Linux gnome-keyring or KWallet), or use `lathe serve`, which keeps a file.',
  },
} as const;
