/** The little SQL that is put together from names and texts. Values of users are parameters. */

/** A string of SQL, for the few places that take no parameter. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** The name of a column or table. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const firstLine = (text: string): string => text.split('\n', 1)[0]?.trim() ?? '';
