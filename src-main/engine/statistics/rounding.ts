/** Rounding to a whole number as numpy does it: a half goes to the even neighbour. */
export function halfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(value);
}
