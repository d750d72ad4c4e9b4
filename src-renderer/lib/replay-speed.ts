const HOUR = 3_600;
const DAY = 24 * HOUR;

/** A replay speed, given in simulated seconds per real second, as words: `6 h per second`. */
export function speedLabel(speed: number): string {
  if (speed >= DAY) return `${trim(speed / DAY)} d per second`;
  if (speed >= HOUR) return `${trim(speed / HOUR)} h per second`;
  if (speed >= 60) return `${trim(speed / 60)} min per second`;
  return speed === 1 ? 'real time' : `${trim(speed)}× real time`;
}

const trim = (value: number): string => String(Number(value.toFixed(1)));
