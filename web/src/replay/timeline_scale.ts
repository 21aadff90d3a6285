// Time on the timeline's pixels, and the round instants at which it has lines.
import type { Span } from './replay_state';

export const kShortestUs = 200_000;
export const kLongestUs = 400 * 86_400e6;

export const widthOf = ({ fromUs, toUs }: Span) => toUs - fromUs;

export const xOf = (view: Span, width: number, us: number) => ((us - view.fromUs) / widthOf(view)) * width;
export const usAt = (view: Span, width: number, x: number) => view.fromUs + (x / width) * widthOf(view);

export const moved = ({ fromUs, toUs }: Span, byUs: number): Span => ({
  fromUs: fromUs + byUs,
  toUs: toUs + byUs,
});

/** `factor` < 1 zooms in; the instant stays where it is. */
export function zoomed(view: Span, factor: number, aroundUs: number): Span {
  const length = Math.min(kLongestUs, Math.max(kShortestUs, widthOf(view) * factor));
  const share = (aroundUs - view.fromUs) / widthOf(view);
  const fromUs = aroundUs - share * length;
  return { fromUs, toUs: fromUs + length };
}

/** Moved as little as needed for the instant to be inside, with some room ahead of it. */
export function keptInView(view: Span, us: number): Span {
  const length = widthOf(view);
  if (us < view.fromUs) return moved(view, us - view.fromUs - length * 0.1);
  if (us > view.toUs) return moved(view, us - view.fromUs - length * 0.1);
  return view;
}

export const centred = (us: number, length: number): Span => ({
  fromUs: us - length / 2,
  toUs: us + length / 2,
});

const kSteps = [
  1e3, 2e3, 5e3, 10e3, 20e3, 50e3, 100e3, 200e3, 500e3, 1e6, 2e6, 5e6, 10e6, 15e6, 30e6, 60e6, 120e6, 300e6,
  600e6, 900e6, 1800e6, 3600e6, 7200e6, 10_800e6, 21_600e6, 43_200e6, 86_400e6, 172_800e6, 604_800e6,
];
/** Beyond a week: whole months. */
const kMonthSteps = [1, 3, 6, 12];
const kMonthUs = 31 * 86_400e6;
const kDayUs = 86_400e6;

export interface Tick {
  us: number;
  /** Undefined: a line without a text. */
  label: string | undefined;
  isMajor: boolean;
}

function tickLabel(us: number, stepUs: number): string {
  const text = new Date(Math.floor(us / 1000)).toISOString();
  if (us % kDayUs === 0) return text.slice(5, 10);
  if (stepUs >= 60e6) return text.slice(11, 16);
  if (stepUs >= 1e6) return text.slice(11, 19);
  return text.slice(11, 23);
}

/** First days of months, every so many; January stands out. */
function monthTicks(view: Span, months: number): Tick[] {
  const found: Tick[] = [];
  const first = new Date(Math.floor(view.fromUs / 1000));
  const begin = first.getUTCFullYear() * 12 + first.getUTCMonth();
  for (let month = Math.ceil(begin / months) * months; ; month += months) {
    const us = Date.UTC(Math.floor(month / 12), month % 12) * 1000;
    if (us > view.toUs) return found;
    const isMajor = month % 12 === 0;
    if (us >= view.fromUs) found.push({ us, label: new Date(us / 1000).toISOString().slice(0, 7), isMajor });
  }
}

/** Lines at least `leastPx` apart, each with its text; days, Januaries and whole seconds stand out. */
export function ticks(view: Span, width: number, leastPx = 92): Tick[] {
  const least = (widthOf(view) * leastPx) / Math.max(1, width);
  const step = kSteps.find((candidate) => candidate >= least);
  if (step === undefined) {
    return monthTicks(view, kMonthSteps.find((months) => months * kMonthUs >= least) ?? 12);
  }
  const found: Tick[] = [];
  for (let us = Math.ceil(view.fromUs / step) * step; us <= view.toUs; us += step) {
    const isMajor = us % kDayUs === 0 || (step < 1e6 && us % 1e6 === 0);
    found.push({ us, label: tickLabel(us, step), isMajor });
  }
  return found;
}
