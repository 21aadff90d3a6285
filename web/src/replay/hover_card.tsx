// What is under the pointer on the timeline: the instant, whether it was recorded, what happened, and a small picture.
import { utcDate, utcTime } from '../hud/format';
import { gapAt, rangeAt } from './coverage';
import type { Mark } from './marks';
import { laneKey, type Lane } from './recordings_api';
import type { Span } from './replay_state';
import type { ReplaySession } from './replay_session';
import { Thumbnail } from './thumbnail_view';
import { widthOf } from './timeline_scale';
import { durationText } from './utc_text';

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
  // Over the ruler and the events: what is played.
  const camera = lane ?? session.first;
  const isRecorded = !lane || rangeAt(lane.ranges, us) !== undefined;
  return (
    <div className="timeline-hover" style={{ left }}>
      {camera && isRecorded && marks.length === 0 && (
        <Thumbnail key={laneKey(camera)} session={session} camera={camera} us={us} width={220} />
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
        <span key={mark.id} data-level={mark.level}>
          {utcTime(mark.us, false)} <strong>{mark.title}</strong> {mark.detail}
        </span>
      ))}
      {marks.length > 4 && <span className="dim">and {marks.length - 4} more</span>}
    </div>
  );
}
