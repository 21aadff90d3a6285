// Altitude, speed, battery and heading over the timeline's range, with a cursor at the shown frame; a click goes there.
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

import type { Kind, Telemetry } from '../api/types';
import { bearing, quantity, speedUnit } from '../hud/format';
import type { Span } from './replay_state';
import { lastUpTo } from './ordered';
import type { ReplaySession } from './replay_session';

interface Chart {
  label: string;
  read: (sample: Telemetry) => number | undefined;
  write: (value: number | undefined) => string;
  /** Fixed limits of the scale; else those of the values. */
  limits?: [number, number];
}

export function chartsOf(kind: Kind): Chart[] {
  const { unit, perMps } = speedUnit(kind);
  const scaled = (mps: number | undefined) => (mps === undefined ? undefined : mps * perMps);
  const height: Chart =
    kind === 'vessel'
      ? { label: 'Depth', read: ({ depth_m }) => depth_m, write: (m) => quantity(m, 1, 'm') }
      : {
          label: 'Altitude',
          read: ({ altitude_msl_m }) => altitude_msl_m,
          write: (m) => quantity(m, 1, 'm MSL'),
        };
  return [
    height,
    { label: 'Speed', read: (sample) => scaled(sample.ground_speed_mps), write: (v) => quantity(v, 1, unit) },
    {
      label: 'Battery',
      read: (sample) => sample.battery_percent,
      write: (v) => quantity(v, 0, '%'),
      limits: [0, 100],
    },
    {
      label: 'Heading',
      read: (sample) => sample.heading_deg ?? sample.course_deg,
      write: bearing,
      limits: [0, 360],
    },
  ];
}

const kDim = '#93a1ab';
const kGrid = { stroke: 'rgba(147, 161, 171, 0.12)', width: 1 };
const kAxis = {
  stroke: kDim,
  grid: kGrid,
  ticks: { show: false },
  font: "11px 'Inter Variable', system-ui, sans-serif",
};

/** Lines break where nothing was heard for so many times the usual distance of samples. */
const kGapFactor = 8;

/** Seconds and values; null breaks the line. */
export function chartData(samples: readonly Telemetry[], read: Chart['read']): [number[], (number | null)[]] {
  const [xs, ys]: [number[], (number | null)[]] = [[], []];
  const spanUs = (samples.at(-1)?.time ?? 0) - (samples[0]?.time ?? 0);
  const gapUs = Math.max(5e6, (kGapFactor * spanUs) / Math.max(1, samples.length));
  let lastUs: number | undefined;
  for (const sample of samples) {
    const value = read(sample);
    if (value === undefined) continue;
    if (lastUs !== undefined && sample.time - lastUs > gapUs) {
      xs.push((lastUs + 1) / 1e6);
      ys.push(null);
    }
    xs.push(sample.time / 1e6);
    ys.push(value);
    lastUs = sample.time;
  }
  return [xs, ys];
}

interface ChartViewProps {
  chart: Chart;
  samples: readonly Telemetry[];
  range: Span;
  isLast: boolean;
  session: ReplaySession;
  onSeek: (us: number) => void;
}

function options(chart: Chart, isLast: boolean): uPlot.Options {
  return {
    width: 100,
    height: 60,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, sync: { key: 'replay' } },
    padding: [7, 8, isLast ? 0 : 5, 0],
    scales: {
      x: { time: true },
      y: chart.limits
        ? { range: chart.limits }
        : { range: (_u, min, max) => (min === max ? [min - 1, max + 1] : [min, max]) },
    },
    axes: [
      { ...kAxis, show: isLast, size: 20, gap: 2, values: (_u, splits) => splits.map(timeText(splits)) },
      {
        ...kAxis,
        size: 44,
        gap: 4,
        splits: chart.limits ? () => [chart.limits?.[0] ?? 0, chart.limits?.[1] ?? 0] : undefined,
        space: 24,
      } as uPlot.Axis,
    ],
    series: [{}, { stroke: '#6fb7f2', width: 1.5, points: { show: false } }],
  };
}

/** A day apart or more, it is the day that tells them apart. */
const timeText = (splits: number[]) => (seconds: number) => {
  const apartS = (splits[1] ?? 0) - (splits[0] ?? 0);
  const text = new Date(seconds * 1000).toISOString();
  return apartS >= 86_400 ? text.slice(5, 10) : text.slice(11, apartS < 60 ? 19 : 16);
};

function ChartView({ chart, samples, range, isLast, session, onSeek }: ChartViewProps) {
  const holder = useRef<HTMLDivElement>(null);
  const value = useRef<HTMLElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = useMemo(() => chartData(samples, chart.read), [samples, chart]);
  const newest = useRef({ data, range, onSeek });
  useEffect(() => {
    newest.current = { data, range, onSeek };
  });

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const u = (plot.current = new uPlot(options(chart, isLast), newest.current.data, element));
    const cursor = document.createElement('div');
    cursor.className = 'chart-cursor';
    u.over.append(cursor);
    u.over.addEventListener('click', () => newest.current.onSeek(u.posToVal(u.cursor.left ?? 0, 'x') * 1e6));
    const draw = () => {
      frame = 0;
      const { utcUs } = session;
      const width = u.bbox.width / devicePixelRatio;
      const x = utcUs === undefined ? NaN : u.valToPos(utcUs / 1e6, 'x');
      const isInside = x >= 0 && x <= width;
      cursor.style.visibility = isInside ? 'visible' : 'hidden';
      if (isInside) cursor.style.transform = `translateX(${Math.round(x)}px)`;
      if (value.current) value.current.textContent = chart.write(valueAt(newest.current.data, utcUs));
    };
    let frame = 0;
    const follow = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    u.hooks['setScale'] = [follow];
    const sizes = new ResizeObserver(() => {
      u.setSize({ width: element.clientWidth, height: element.clientHeight });
      follow();
    });
    sizes.observe(element);
    const unsubscribe = session.onTime(follow);
    return () => {
      cancelAnimationFrame(frame);
      unsubscribe();
      sizes.disconnect();
      u.destroy();
      plot.current = undefined;
    };
  }, [chart, isLast, session]);

  useEffect(() => {
    plot.current?.setData(data, false);
    plot.current?.setScale('x', { min: range.fromUs / 1e6, max: range.toUs / 1e6 });
  }, [data, range]);

  return (
    <figure className="chart">
      <figcaption>
        {chart.label} <b ref={value} />
      </figcaption>
      <div ref={holder} className="chart-plot" />
    </figure>
  );
}

/** How old a value may be to be that of the shown frame. */
const kOldestS = 10;

export function valueAt(
  [xs, ys]: [number[], (number | null)[]],
  utcUs: number | undefined,
): number | undefined {
  if (utcUs === undefined) return undefined;
  const seconds = utcUs / 1e6;
  const at = lastUpTo(xs, (x) => x, seconds);
  // Thinned samples of a long time are farther apart than that.
  const spacingS = ((xs.at(-1) ?? 0) - (xs[0] ?? 0)) / Math.max(1, xs.length - 1);
  const oldestS = Math.max(kOldestS, 2 * spacingS);
  return seconds - (xs[at] ?? -Infinity) <= oldestS ? (ys[at] ?? undefined) : undefined;
}

export interface ChartsProps {
  session: ReplaySession;
  kind: Kind;
  samples: readonly Telemetry[];
  range: Span;
  onSeek: (us: number) => void;
}

export function Charts({ session, kind, samples, range, onSeek }: ChartsProps) {
  const charts = useMemo(() => chartsOf(kind), [kind]);
  const spoken = charts.filter(({ read }) => samples.some((sample) => read(sample) !== undefined));
  if (spoken.length === 0) {
    return <p className="panel-empty">The vehicle’s link said nothing in this time.</p>;
  }
  return (
    <div className="charts">
      {spoken.map((chart, index) => (
        <ChartView
          key={chart.label}
          chart={chart}
          samples={samples}
          range={range}
          isLast={index === spoken.length - 1}
          session={session}
          onSeek={onSeek}
        />
      ))}
    </div>
  );
}
