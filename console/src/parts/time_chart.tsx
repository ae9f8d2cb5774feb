import 'uplot/dist/uPlot.min.css';
import { Box, useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { count, local } from '~/text/words';
import { zone } from '~/text/zone';

export interface Series {
  name: string;
  color: string; // a CSS colour or variable
  values: number[];
}

// tick names an instant on the axis, in the person's zone: the hour, and the date where a day begins.
function tick(seconds: number, step: number): string {
  const text = local(seconds * 1000);
  return step >= 86_400 || text.endsWith('00:00:00') ? text.slice(5, 10) : text.slice(11, 16);
}

// isWhole: nobody has zoomed into a part of it.
function isWhole(chart: uPlot) {
  const { min, max } = chart.scales.x!;
  return min === chart.data[0][0] && max === chart.data[0].at(-1);
}

// TimeChart draws counts over time, each series filled from the bottom. Drag to zoom, double-click to go back. Values
// that change move it on without making it anew, and leave a zoom as it is. The same numbers stand in a table below it
// (ChartTable), which is what screen readers get.
export function TimeChart({
  times,
  series,
  height = 240,
  onHover,
}: {
  times: number[];
  series: Series[];
  height?: number;
  onHover?: (at: number | null) => void;
}) {
  const onPoint = useRef(onHover);
  useEffect(() => {
    onPoint.current = onHover;
  }, [onHover]);
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(null);
  const scheme = useComputedColorScheme();
  const data = useMemo<uPlot.AlignedData>(() => [times, ...series.map((one) => one.values)], [times, series]);
  const span = (times[1] ?? 0) - (times[0] ?? 0);
  const looks = JSON.stringify(series.map(({ name, color }) => ({ name, color })));
  const first = useEffectEvent(() => data);
  useEffect(() => {
    const lines = JSON.parse(looks) as Omit<Series, 'values'>[];
    const host = place.current;
    if (!host || host.clientWidth === 0) {
      return;
    }
    const style = getComputedStyle(host);
    const resolve = (color: string) =>
      color.startsWith('--') ? style.getPropertyValue(color).trim() || '#888' : color;
    const probe = document.createElement('span');
    host.append(probe);
    const computed = (color: string) => {
      probe.style.color = color.startsWith('--') ? `var(${color})` : color;
      return getComputedStyle(probe).color || resolve(color);
    };
    const quiet = computed('--quiet');
    const line = computed('--line');
    const axis: uPlot.Axis = {
      stroke: quiet,
      font: '12px "Inter Variable", sans-serif',
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1 },
    };
    const colors = lines.map((one) => computed(one.color));
    probe.remove();
    const chart = new uPlot(
      {
        width: host.clientWidth,
        height,
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] } },
        legend: { show: false },
        tzDate: (seconds) => {
          const time = new Date(seconds * 1000);
          return zone() === 'utc' ? uPlot.tzDate(time, 'UTC') : time;
        },
        axes: [
          { ...axis, space: 70, values: (_plot, splits, _axis, _space, step) => splits.map((at) => tick(at, step)) },
          { ...axis, size: 54, values: (_plot, splits) => splits.map((value) => count(value)) },
        ],
        hooks: { setCursor: [({ cursor }) => onPoint.current?.(cursor.idx ?? null)] },
        series: [
          {},
          ...lines.map((one, i) => ({
            label: one.name,
            stroke: colors[i]!,
            fill: colors[i]!.replace('rgb(', 'rgba(').replace(')', ', 0.13)'),
            width: 1.5,
            paths: uPlot.paths.stepped!({ align: 1 }),
            points: { show: false },
          })),
        ],
        cursor: { y: false },
      },
      first(),
      host,
    );
    drawn.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height }));
    observer.observe(host);
    return () => {
      observer.disconnect();
      drawn.current = null;
      chart.destroy();
    };
  }, [looks, span, height, scheme]);
  useEffect(() => {
    const chart = drawn.current;
    if (chart && chart.data !== data) {
      chart.setData(data, isWhole(chart));
    }
  }, [data]);
  return <Box ref={place} mih={height} aria-hidden />;
}
