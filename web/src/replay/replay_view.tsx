// One camera's recorded picture with its head-up display, and in words what is the matter when there is none.
import { Button } from '@mantine/core';
import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';

import type { HudLink } from '../hud/model';
import { onHudSettings } from '../hud/settings';
import { utcDate, utcTime } from '../hud/format';
import { Picture } from '../live/picture';
import { gapAt } from './coverage';
import type { Lane } from './recordings_api';
import type { ReplayPlayer } from './replay_player';
import type { ReplayState } from './replay_state';
import { durationText } from './utc_text';

const subscribeToNothing = () => () => undefined;

export function useReplayState(player: ReplayPlayer | undefined): ReplayState | undefined {
  const snapshot = useCallback(() => player?.state, [player]);
  return useSyncExternalStore(player?.subscribe ?? subscribeToNothing, snapshot);
}

/** Draws what the player shows while mounted. */
function usePicture(
  player: ReplayPlayer,
  lane: Lane,
  link: (utcUs: number | undefined) => HudLink | undefined,
) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const newestLink = useRef(link);
  useEffect(() => {
    newestLink.current = link;
  });
  const { name, camera, kind } = lane;
  useEffect(() => {
    const element = holder.current;
    if (!element || !canvas.current) return;
    const linkOfFrame = () => newestLink.current(player.shown?.frame?.utcUs);
    const picture = new Picture(canvas.current, kind, `${name} · ${camera}`, linkOfFrame);
    const redraw = () => {
      if (player.shown) picture.draw(player.shown, true);
      else picture.clear();
    };
    const sizes = new ResizeObserver(() => {
      picture.resize(element.clientWidth, element.clientHeight);
      redraw();
    });
    sizes.observe(element);
    const removers = [player.addSink(redraw), onHudSettings(redraw)];
    // The browser presents pictures only of an element that is in the page; the canvas covers it.
    element.prepend(player.video);
    return () => {
      removers.forEach((remove) => remove());
      sizes.disconnect();
      player.video.remove();
    };
  }, [player, name, camera, kind]);
  return { holder, canvas };
}

function Gap({ lane, us, onSeek }: { lane: Lane; us: number | undefined; onSeek: (us: number) => void }) {
  const gap = us === undefined ? {} : gapAt(lane.ranges, us);
  const { fromUs, toUs } = gap;
  return (
    <div className="stage-notice" role="status">
      <strong>Nothing was recorded here</strong>
      <p>
        {us !== undefined && `${utcDate(us)} ${utcTime(us, false)} UTC`}
        {fromUs !== undefined && toUs !== undefined && ` is in a gap of ${durationText(toUs - fromUs)}.`}
        {fromUs !== undefined && toUs === undefined && ' is after the newest recording of this camera.'}
        {fromUs === undefined && toUs !== undefined && ' is before the first recording of this camera.'}
      </p>
      <div className="notice-buttons">
        {fromUs !== undefined && (
          <Button variant="default" onClick={() => onSeek(fromUs - 100_000)}>
            Back to its end, {utcTime(fromUs, false)}
          </Button>
        )}
        {toUs !== undefined && (
          <Button onClick={() => onSeek(toUs + 100_000)}>Next recording, {utcTime(toUs, false)}</Button>
        )}
      </div>
    </div>
  );
}

function Notice({ player, lane, state, onSeek }: ReplayViewProps & { state: ReplayState }) {
  const { phase, problem, refusal } = state;
  if (phase === 'gap') return <Gap lane={lane} us={state.gapAtUs} onSeek={onSeek} />;
  if (phase === 'failed' && problem) {
    return (
      <div className="stage-notice" data-level="alarm" role="alert">
        <strong>{problem.file ? 'A recorded file cannot be shown' : 'The recording cannot be shown'}</strong>
        <p>
          {problem.file && !problem.message.includes(problem.file) && <code>{problem.file} </code>}
          {problem.message}
        </p>
        <div className="notice-buttons">
          <Button variant="default" onClick={() => player.retry()}>
            Try again
          </Button>
          {problem.segment !== undefined && (
            <Button onClick={() => player.skipProblem()}>Go on behind it</Button>
          )}
        </div>
      </div>
    );
  }
  if (phase === 'failed') {
    return (
      <div className="stage-notice" data-level="alarm" role="alert">
        <strong>
          {refusal?.status === 403 ? 'You may not see this recording' : 'The recording cannot be read'}
        </strong>
        <p>{refusal?.message}</p>
      </div>
    );
  }
  if (phase === 'opening' || phase === 'idle' || !player.shown) {
    return (
      <div
        className="stage-notice replay-opening"
        role="status"
        aria-busy
        aria-label="Opening the recording"
      />
    );
  }
  return null;
}

export interface ReplayViewProps {
  player: ReplayPlayer;
  lane: Lane;
  /** What the vehicle's link said at a capture time of this camera. */
  link: (utcUs: number | undefined) => HudLink | undefined;
  onSeek: (us: number) => void;
}

export function ReplayView(props: ReplayViewProps) {
  const { player, lane, link } = props;
  const state = useReplayState(player);
  const { holder, canvas } = usePicture(player, lane, link);
  return (
    <div
      className="video replay-video"
      ref={holder}
      data-atomic={player.isAtomic || undefined}
      data-seeking={state?.seeking || undefined}
    >
      <canvas
        ref={canvas}
        aria-label={`Recorded picture of ${lane.name}, camera ${lane.camera}`}
        role="img"
      />
      {state && <Notice {...props} state={state} />}
    </div>
  );
}
