// Sparkline draws a row of counts as a line, and the refused ones as ticks below it.
export function Sparkline({ counts, refused = [], label }: { counts: number[]; refused?: number[]; label: string }) {
  const width = 96;
  const height = 24;
  const top = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length - 1);
  const y = (count: number) => 1 + (height - 6) * (1 - count / top);
  const line = counts
    .map((count, i) => `${i === 0 ? 'M' : 'L'}${(i * step).toFixed(1)} ${y(count).toFixed(1)}`)
    .join('');
  return (
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <path d={`${line}V${height - 5}H0Z`} fill="var(--mantine-primary-color-filled)" opacity={0.12} />
      <path
        d={line}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      {refused.map((count, i) =>
        count > 0 ? <rect key={i} x={i * step - 1} y={height - 3} width={2} height={3} fill="var(--refuse)" /> : null,
      )}
    </svg>
  );
}
