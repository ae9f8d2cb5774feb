import 'uplot/dist/uPlot.min.css';
import { Box, useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';

export interface Series {
  name: string;
  color: string; // a CSS colour or variable
  values: number[];
}

// TimeChart draws counts over time, each series filled from the bottom. Drag to zoom, double-click to
// go back. The same numbers stand in a table below it (ChartTable), which is what screen readers get.
export function TimeChart({ times, series, height = 240 }: { times: number[]; series: Series[]; height?: number }) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  useEffect(() => {
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
    const axis: uPlot.Axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const colors = series.map((one) => computed(one.color));
    probe.remove();
    const chart = new uPlot(
      {
        width: host.clientWidth,
        height,
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)] } },
        axes: [axis, { ...axis, size: 54 }],
        series: [
          {},
          ...series.map((one, i) => ({
            label: one.name,
            stroke: colors[i]!,
            fill: colors[i]!.replace('rgb(', 'rgba(').replace(')', ', 0.13)'),
            width: 1.5,
            points: { show: false },
          })),
        ],
        cursor: { y: false },
      },
      [times, ...series.map((one) => one.values)],
      host,
    );
    const observer = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height }));
    observer.observe(host);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [times, series, height, scheme]);
  return <Box ref={place} mih={height} aria-hidden />;
}
