// What gets through to this viewer: what the server tells of its session, and what only the browser knows.
import type { ViewerFigures, ViewerSeen } from '../api/types';
import { captureUtcUs, type Frame } from '../klv/frame';
import type { ShownFrame } from './frame_pump';
import type { Reception } from './rendition_choice';

/** Told every 2 s: older ones are not shown. */
const kStaleMs = 6_000;

export interface BrowserFigures {
  framesDecoded: number;
  freezes: number;
  frozenS: number;
  /** Mean over the time since the figures before; undefined while no frame left the buffer. */
  jitterBufferMs: number | undefined;
  roundTripMs: number | undefined;
  jitterBufferTotal: { delayS: number; frames: number };
}

type Entry = Record<string, unknown> & { type?: string };

function number(entry: Entry | undefined, name: string): number {
  const value = entry?.[name];
  return typeof value === 'number' ? value : 0;
}

/** What the browser's receiver counted since the peer began; undefined before the first packet. */
export function reception(entries: Iterable<Entry>): Reception | undefined {
  for (const entry of entries) {
    if (entry.type !== 'inbound-rtp' || entry['kind'] !== 'video') continue;
    return {
      packets: number(entry, 'packetsReceived'),
      lost: number(entry, 'packetsLost'),
      freezes: number(entry, 'freezeCount'),
    };
  }
  return undefined;
}

/** Of RTCPeerConnection.getStats(); `before` is what the jitter buffer's mean begins at. */
export function browserFigures(entries: Iterable<Entry>, before: BrowserFigures | undefined): BrowserFigures {
  let video: Entry | undefined;
  let pair: Entry | undefined;
  for (const entry of entries) {
    if (entry.type === 'inbound-rtp' && entry['kind'] === 'video') video = entry;
    if (entry.type === 'candidate-pair' && entry['nominated'] === true) pair = entry;
  }
  const delayS = number(video, 'jitterBufferDelay');
  const frames = number(video, 'jitterBufferEmittedCount');
  const delayed = delayS - (before?.jitterBufferTotal.delayS ?? 0);
  const emitted = frames - (before?.jitterBufferTotal.frames ?? 0);
  const roundTripS = number(pair, 'currentRoundTripTime');
  return {
    framesDecoded: number(video, 'framesDecoded'),
    freezes: number(video, 'freezeCount'),
    frozenS: number(video, 'totalFreezesDuration'),
    jitterBufferMs: emitted > 0 ? (delayed / emitted) * 1000 : undefined,
    roundTripMs: roundTripS > 0 ? roundTripS * 1000 : undefined,
    jitterBufferTotal: { delayS, frames },
  };
}

/**
 * From capture to screen, and how far off that can be: the capture time's own error, and the server's clock, which is
 * known to no better than a message's journey. Undefined without a capture time or the server's clock.
 */
export function glassToGlass(
  frame: Frame | undefined,
  captureUs: number | undefined,
  shownUs: number,
  roundTripMs: number | undefined,
): { ms: number; errorMs: number } | undefined {
  if (!frame || captureUs === undefined || roundTripMs === undefined) return undefined;
  return { ms: (shownUs - captureUs) / 1000, errorMs: frame.timeErrorUs / 1000 + roundTripMs };
}

/** Of the frame on the screen. `offsetUs`: of the server's clock. */
export function glassToGlassNow(
  shown: ShownFrame | undefined,
  offsetUs: number | undefined,
  roundTripMs: number | undefined,
): { ms: number; errorMs: number } | undefined {
  if (!shown?.frame || offsetUs === undefined) return undefined;
  const shownUs = (performance.timeOrigin + shown.shownAtMs) * 1000 + offsetUs;
  return glassToGlass(shown.frame, captureUtcUs(shown.frame), shownUs, roundTripMs);
}

/** What the server is told of what only this browser knows. */
export function viewerSeen(
  entries: Iterable<Entry>,
  shown: ShownFrame | undefined,
  offsetUs: number | undefined,
): ViewerSeen {
  const { freezes, frozenS, roundTripMs } = browserFigures(entries, undefined);
  const glass = glassToGlassNow(shown, offsetUs, roundTripMs);
  const glassMs = glass && Math.round(glass.ms);
  return {
    freezes,
    frozen_ms: Math.round(frozenS * 1000),
    ...(glassMs !== undefined && glassMs >= 0 && { glass_to_glass_ms: glassMs }),
  };
}

export type Row = [label: string, value: string, title: string];

const kNone = '---';

const whole = (value: number | undefined, unit: string): string =>
  value === undefined ? kNone : `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;

export function serverRows(figures: ViewerFigures | undefined, ageMs: number): Row[] {
  const fresh = ageMs < kStaleMs ? figures : undefined;
  const text = (show: (figures: ViewerFigures) => string): string => (fresh ? show(fresh) : kNone);
  return [
    [
      'Sent',
      text((f) => `${(f.bitrate_bps / 1e6).toFixed(2)} Mbit/s`),
      'Video sent to this page, by the server',
    ],
    [
      'Lost',
      text((f) => `${(f.loss * 100).toFixed(1)} % now, ${f.packets_lost} of ${f.packets_sent}`),
      "Packets that this browser's reports say were lost",
    ],
    ['Sent again', text((f) => `${f.packets_resent}`), 'Packets that were lost and sent again'],
    ['Round trip', whole(fresh?.round_trip_ms, 'ms'), 'Server to browser and back'],
    [
      'Key frames asked for',
      text((f) => `${f.key_frame_requests}`),
      'Times that the picture could not be decoded',
    ],
    ['Frames left out', text((f) => `${f.dropped_frames}`), 'Not sent because this page was too slow'],
    [
      'Path',
      text((f) => `${f.address_kind || 'unknown'}, ${f.transport || 'unknown'}`),
      'Kind of address that this browser is reached at: host, behind NAT (srflx, prflx), relay',
    ],
  ];
}

export function browserRows(
  figures: BrowserFigures | undefined,
  glass: { ms: number; errorMs: number } | undefined,
): Row[] {
  return [
    [
      'Glass to glass',
      glass ? `${glass.ms.toFixed(0)} ms ±${glass.errorMs.toFixed(0)}` : kNone,
      "From capture to screen by the server's clock; the error is that of the capture time and of the clock",
    ],
    [
      'Frames decoded',
      figures ? `${figures.framesDecoded}` : kNone,
      'By this browser, since the stream began',
    ],
    [
      'Freezes',
      figures ? `${figures.freezes} (${figures.frozenS.toFixed(1)} s)` : kNone,
      'Times that the picture stood still, and how long together',
    ],
    ['Jitter buffer', whole(figures?.jitterBufferMs, 'ms'), 'How long frames wait in this browser'],
  ];
}
