// What is under the pointer on the timeline: the instant, whether it was recorded, what happened, and a small picture.
import { useEffect, useRef } from 'react';

import { utcDate, utcTime } from '../hud/format';
import { gapAt, rangeAt } from './coverage';
import { laneKey, type Lane, type Mark } from './recordings_api';
import type { ReplayPlayer } from './replay_player';
import type { Span } from './replay_state';
import type { ReplaySession } from './replay_session';
import { keyFrame } from './thumbnail';
import { widthOf } from './timeline_scale';
import { durationText } from './utc_text';

const kRestMs = 60;

/** The key frame before the instant, of a camera that is played: only of it the segments are known. */
function Thumbnail({ session, player, us }: { session: ReplaySession; player: ReplayPlayer; us: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const place = player.placeAt(us);
  const key = place && `${place.url} ${place.start}`;
  const newest = useRef(place);
  useEffect(() => {
    newest.current = place;
  });
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    const draw = async () => {
      if (!newest.current) return;
      const { bytes } = await session.store.load(newest.current, abort.signal);
      const frame = await keyFrame(bytes);
      const context = canvas.current?.getContext('2d');
      if (frame && context && !abort.signal.aborted) {
        const { width } = context.canvas;
        context.canvas.height = Math.round((width * frame.displayHeight) / frame.displayWidth);
        context.drawImage(frame, 0, 0, width, context.canvas.height);
        context.canvas.hidden = false;
      }
      frame?.close();
    };
    const timer = setTimeout(() => {
      draw().catch(() => undefined); // A picture more or less; the player says what is wrong with a file.
    }, kRestMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [session, key]);
  return key === undefined ? null : <canvas ref={canvas} width={220} height={124} hidden aria-hidden />;
}

export interface HoverCardProps {
  session: ReplaySession;
  view: Span;
  us: number;
  /** Pixels. */
  left: number;
  lane: Lane | undefined;
  marks: readonly Mark[];
}

function recordedText(lane: Lane, us: number): string {
  const range = rangeAt(lane.ranges, us);
  if (range) return `recorded, ${durationText(range.toUs - range.fromUs)} in a row`;
  const { fromUs, toUs } = gapAt(lane.ranges, us);
  return fromUs !== undefined && toUs !== undefined
    ? `gap of ${durationText(toUs - fromUs)}`
    : 'nothing recorded';
}

export function HoverCard({ session, view, us, left, lane, marks }: HoverCardProps) {
  const shown = [session.first, session.second].find(
    (player) => player && lane && laneKey(player) === laneKey(lane),
  );
  const player = lane ? shown : session.first;
  return (
    <div className="timeline-hover" style={{ left }}>
      {player && marks.length === 0 && (
        <Thumbnail key={laneKey(player)} session={session} player={player} us={us} />
      )}
      <b>
        {utcDate(us)} {utcTime(us, widthOf(view) < 600e6)}
      </b>
      {lane && (
        <span>
          {lane.name} {lane.camera}: {recordedText(lane, us)}
        </span>
      )}
      {marks.slice(0, 4).map((mark) => (
        <span key={`${mark.us} ${mark.title}`} data-level={mark.level}>
          {utcTime(mark.us, false)} <strong>{mark.title}</strong> {mark.detail}
        </span>
      ))}
      {marks.length > 4 && <span className="dim">and {marks.length - 4} more</span>}
    </div>
  );
}
