// The line under the picture: how old the frame is, whether metadata belongs to it, how both are known.
import { useEffect, useState } from 'react';

import type { CameraState } from '../api/types';
import { captureUtcUs, type Frame } from '../klv/frame';
import { useConnections } from './connections';
import { formatAge } from './freshness';
import { kFrozenMs } from './picture';
import type { VideoStream } from './video_stream';

const kReadMs = 500;

interface Reading {
  latencyMs: number | undefined;
  stillMs: number;
  matchRate: number | undefined;
  framesPerSecond: number;
  method: string;
  errors: string | undefined;
  atomic: boolean;
}

const kTimeMethod = {
  none: 'time unknown',
  sei: 'SEI time',
  rtcp: 'RTCP time',
  klv: 'KLV time',
  arrival: 'arrival time',
};

/** How the frame's values and its capture time were found. */
export const methodText = (frame: Frame | undefined): string =>
  frame?.values ? `${frame.valueMethod}, ${kTimeMethod[frame.timeMethod]}` : 'no metadata';

/** How far off matching in time can make the values; nothing without values. */
export const errorText = (frame: Frame | undefined): string | undefined =>
  frame?.values && `±${frame.positionErrorM.toFixed(1)} m ±${frame.angleErrorDeg.toFixed(1)}°`;

function read(stream: VideoStream, offsetUs: number): Reading | undefined {
  const { shown } = stream;
  if (!shown) return undefined;
  const nowMs = performance.now();
  const { frame } = shown;
  const utcUs = frame && captureUtcUs(frame);
  const shownUtcUs = (performance.timeOrigin + shown.shownAtMs) * 1000 + offsetUs;
  return {
    latencyMs: utcUs === undefined ? undefined : (shownUtcUs - utcUs) / 1000,
    stillMs: nowMs - shown.shownAtMs,
    matchRate: stream.rate.rate(nowMs),
    framesPerSecond: stream.rate.framesPerSecond(nowMs),
    method: methodText(frame),
    errors: errorText(frame),
    atomic: shown.picture !== undefined,
  };
}

function latencyText({ latencyMs, stillMs }: Reading): string {
  if (stillMs > kFrozenMs) return `frozen ${formatAge(stillMs)}`;
  if (latencyMs === undefined) return '---';
  return latencyMs < 10_000 ? `+${Math.round(latencyMs)} ms` : `+${formatAge(latencyMs)}`;
}

export function FrameStatus({
  stream,
  state,
}: {
  stream: VideoStream | undefined;
  state: CameraState | undefined;
}) {
  const { live } = useConnections();
  const [reading, setReading] = useState<Reading>();
  useEffect(() => {
    if (!stream) return;
    const timer = setInterval(() => setReading(read(stream, live.clock.offsetUs ?? 0)), kReadMs);
    return () => {
      clearInterval(timer);
      setReading(undefined);
    };
  }, [stream, live]);

  const match = reading?.matchRate;
  const poor = match !== undefined && match < 0.995;
  return (
    <div className="frame-status">
      <span title="From capture to screen, by the server's clock">
        frame <b>{reading ? latencyText(reading) : '---'}</b>
      </span>
      <span
        data-testid="match-rate"
        data-level={poor ? 'caution' : undefined}
        title="Share of the frames shown in the last 10 s that had the metadata of that very frame"
      >
        {poor && '▲ '}match <b>{match === undefined ? '---%' : `${Math.floor(match * 100)}%`}</b>
      </span>
      <span title="How the values were found, and how far off matching in time can make them">
        {reading?.method ?? 'no frame'} <b>{reading?.errors ?? ''}</b>
      </span>
      <span className="frame-status-stream">
        {state?.width && state.height ? `${state.width}×${state.height}` : '---'} {state?.codec ?? ''}{' '}
        <b>{reading ? `${reading.framesPerSecond.toFixed(0)} fps` : ''}</b>
        {reading && !reading.atomic && (
          <span title="This browser cannot take picture and timestamp together: on a busy page the overlay can be one frame old">
            {' '}
            ▲ not atomic
          </span>
        )}
      </span>
    </div>
  );
}
