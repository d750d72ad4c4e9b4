/** A column of texts as an axis: numbers where all of them are numbers, else categories. Pure. */

export type Column = {
  /** In the order of the axis; null when the values are numbers. */
  categories: string[] | null;
  /** Numbers, or places in `categories`; NaN where there is none or it is not finite. */
  values: Float64Array;
};

const NOT_FINITE = /^[+-]?(nan|inf(inity)?)$/i;
/** 2 before 10, and "b" after "A". */
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** `places` says whose value each text is, of `size` in all. */
export function columnOfTexts(size: number, places: readonly number[], texts: readonly string[]): Column {
  const values = new Float64Array(size).fill(Number.NaN);
  const numbers = new Map<string, number>();
  for (const text of texts) if (!numbers.has(text)) numbers.set(text, numberOf(text));
  const isNumber = [...numbers].every(
    ([text, number]) => Number.isFinite(number) || NOT_FINITE.test(text.trim()),
  );
  if (!isNumber) {
    const categories = [...numbers.keys()].sort((a, b) => natural.compare(a, b) || (a < b ? -1 : 1));
    numbers.clear();
    for (const [at, category] of categories.entries()) numbers.set(category, at);
    for (const [at, place] of places.entries()) values[place] = numbers.get(texts[at] as string) as number;
    return { categories, values };
  }
  for (const [at, place] of places.entries()) {
    const number = numbers.get(texts[at] as string) as number;
    values[place] = Number.isFinite(number) ? number : Number.NaN;
  }
  return { categories: null, values };
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
