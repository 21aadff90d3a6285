// The shown frame's own numbers, and what the vehicle's link said by then, each with its age at the frame's capture.
import { useCallback } from 'react';

import type { Telemetry } from '../api/types';
import { useHudSettings } from '../hud/settings';
import { errorText, methodText } from '../live/frame_status';
import { formatAge } from '../live/freshness';
import { RowGroups } from '../live/telemetry_panel';
import { telemetryRows } from '../live/telemetry_rows';
import { frameRows } from './frame_rows';
import { sampleAt, type Lane } from './recordings_api';
import type { ReplaySession } from './replay_session';
import { useReading } from './use_session';

export interface FramePanelProps {
  session: ReplaySession;
  lane: Lane;
  /** Around the playhead, as fine as it was stored. */
  history: readonly Telemetry[];
}

const readFrame = (session: ReplaySession) => session.first?.shown?.frame;

export function FramePanel({ session, lane, history }: FramePanelProps) {
  const frame = useReading(session, readFrame);
  const utcUs = useReading(
    session,
    useCallback((read: ReplaySession) => read.first?.utcUs, []),
  );
  const { coordinates } = useHudSettings();
  const sample = utcUs === undefined ? undefined : sampleAt(history, utcUs);
  const heard = sample ? { received: sample.time, telemetry: sample } : {};
  const ageMs = sample && utcUs !== undefined ? (utcUs - sample.time) / 1000 : undefined;
  return (
    <div className="telemetry">
      <div className="telemetry-link">
        <strong>This frame</strong>
        <span className="dim">
          {methodText(frame)} {errorText(frame)}
        </span>
      </div>
      <RowGroups groups={frameRows(frame, lane.kind, coordinates)} withAges />
      <div className="telemetry-link replay-link">
        <strong>The link by then</strong>
        <span className="age">{ageMs === undefined ? 'nothing' : formatAge(ageMs)}</span>
      </div>
      <RowGroups groups={telemetryRows(heard, utcUs ?? 0, lane.kind, coordinates)} withAges />
    </div>
  );
}

/** The line under the picture: whether metadata belongs to it, how it is known, how many frames a second. */
export function ReplayStatus({ session }: { session: ReplaySession }) {
  const frame = useReading(session, readFrame);
  const text = useReading(
    session,
    useCallback((read: ReplaySession) => {
      const { first } = read;
      const now = performance.now();
      const match = first?.rate.rate(now);
      const fps = first?.state.playing ? `${first.rate.framesPerSecond(now).toFixed(0)} fps` : '';
      return `${match === undefined ? '' : `${Math.floor(match * 100)}%`}|${fps}|${first?.shown?.width ?? ''}|${first?.shown?.height ?? ''}`;
    }, []),
  );
  const [match, fps, width, height] = text.split('|');
  const poor = match !== '' && match !== undefined && parseInt(match) < 99;
  return (
    <div className="frame-status replay-status">
      <span
        data-testid="match-rate"
        data-level={poor ? 'caution' : undefined}
        title="Share of the frames shown in the last 10 s that had the metadata of that very frame"
      >
        {poor && '▲ '}match <b>{match || '---%'}</b>
      </span>
      <span title="How the values were found, and how far off matching in time can make them">
        {methodText(frame)} <b>{errorText(frame) ?? ''}</b>
      </span>
      <span className="frame-status-stream">
        {width && `${width}×${height}`} <b>{fps}</b>
      </span>
    </div>
  );
}
