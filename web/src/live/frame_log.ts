// window.masthead: what was shown, for tests and for support. Reading it changes nothing.
//
//   masthead.frames   the newest 4096 shown frames of all cameras, oldest first
//   masthead.onFrame  if the embedder set it (before or after the page loaded): called synchronously for each shown
//                     frame with the very picture that was drawn (a VideoFrame, or the video element where the browser
//                     cannot take picture and timestamp atomically), its frame or undefined, and the record. The
//                     VideoFrame is closed by the page: clone it to keep it. `late` marks the second call for a
//                     picture whose metadata came after it was drawn.
import type { Frame } from '../klv/frame';
import type { ShownFrame } from './frame_pump';

const kKept = 4096;

export interface FrameRecord {
  vehicle: string;
  camera: string;
  rtpTimestamp: number | undefined;
  atomic: boolean;
  late: boolean;
  /** performance.now() when it was drawn. */
  presentedAt: number;
  utcUs: number | undefined;
  seq: number | undefined;
  timeMethod: string | undefined;
  valueMethod: string | undefined;
  ageMs: number | undefined;
  errors:
    { timeUs: number; positionM: number; altitudeM: number; angleDeg: number; speedMps: number } | undefined;
  klvHex: string | undefined;
}

export interface MastheadProbe {
  frames: FrameRecord[];
  onFrame?: (
    picture: VideoFrame | HTMLVideoElement,
    message: Frame | undefined,
    record: FrameRecord,
    metadata: VideoFrameCallbackMetadata,
  ) => void;
}

declare global {
  interface Window {
    masthead?: Partial<MastheadProbe>;
  }
}

const kHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += kHex[byte];
  return text;
}

function probe(): MastheadProbe {
  const probe = (window.masthead ??= {});
  probe.frames ??= [];
  return probe as MastheadProbe;
}

export function logFrame(vehicle: string, camera: string, shown: ShownFrame, video: HTMLVideoElement): void {
  const { frame } = shown;
  const record: FrameRecord = {
    vehicle,
    camera,
    rtpTimestamp: shown.rtpTimestamp,
    atomic: shown.picture !== undefined,
    late: shown.repaint,
    presentedAt: shown.shownAtMs,
    utcUs: frame?.utcUs,
    seq: frame?.seq,
    timeMethod: frame?.timeMethod,
    valueMethod: frame?.valueMethod,
    ageMs: frame?.ageMs,
    errors: frame && {
      timeUs: frame.timeErrorUs,
      positionM: frame.positionErrorM,
      altitudeM: frame.altitudeErrorM,
      angleDeg: frame.angleErrorDeg,
      speedMps: frame.speedErrorMps,
    },
    klvHex: frame && hex(frame.klv),
  };
  const { frames, onFrame } = probe();
  frames.push(record);
  if (frames.length > kKept) frames.splice(0, frames.length - kKept);
  onFrame?.(shown.picture ?? video, frame, record, shown.metadata);
}
