/** The sign of Lathe: a three-jaw chuck, seen from the tailstock. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" className="shrink-0">
      <circle cx="32" cy="32" r="26" fill="none" stroke="var(--accent)" strokeWidth="5" />
      <g fill="var(--ink)">
        {[0, 120, 240].map((turn) => (
          <path key={turn} transform={`rotate(${turn} 32 32)`} d="M27 10h10v11l-5 5-5-5z" />
        ))}
      </g>
      <circle cx="32" cy="32" r="4.5" fill="var(--accent)" />
    </svg>
  );
}
