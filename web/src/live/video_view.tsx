// One camera's picture with its head-up display, and in words what is the matter when there is none.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import type { KindVehicle } from '../api/types';
import { hudLink } from '../hud/model';
import { onHudSettings } from '../hud/settings';
import type { FrameValues } from '../klv/frame_values';
import { useConnections, useLiveVehicle } from './connections';
import { formatAge } from './freshness';
import { missingFeatures, type ShownFrame } from './frame_pump';
import { kFrozenMs, Picture } from './picture';
import type { StreamSnapshot, VideoStream } from './video_stream';
import { cameraState } from './vehicle_state';

/** The camera's stream while the component is mounted. */
export function useStream(vehicle: string, camera: string): VideoStream | undefined {
  const { streams } = useConnections();
  const [stream, setStream] = useState<VideoStream>();
  useEffect(() => {
    const acquired = streams.acquire(vehicle, camera);
    setStream(acquired);
    return () => {
      streams.release(acquired);
      setStream(undefined);
    };
  }, [streams, vehicle, camera]);
  return stream;
}

const kNoSnapshot: StreamSnapshot = {
  state: { phase: 'stopped' },
  hasShown: false,
  atomic: true,
  rendition: undefined,
  automatic: true,
};

export function useSnapshot(stream: VideoStream | undefined): StreamSnapshot {
  const subscribe = useCallback(
    (listener: () => void) => stream?.subscribe(listener) ?? (() => undefined),
    [stream],
  );
  return useSyncExternalStore(subscribe, () => stream?.snapshot ?? kNoSnapshot);
}

export interface Notice {
  title: string;
  detail: string | undefined;
  level: 'busy' | 'caution' | 'alarm';
}

/** Nothing when the picture speaks for itself. */
export function noticeFor(
  snapshot: StreamSnapshot,
  camera: ReturnType<typeof cameraState>,
  missing: readonly string[],
): Notice | undefined {
  const { state, hasShown } = snapshot;
  if (missing.length > 0) {
    const detail = `It lacks ${missing.join(' and ')}. Use a current Chromium, Chrome, Edge, Firefox or Safari.`;
    return { title: 'This browser cannot show live video', detail, level: 'alarm' };
  }
  if (state.phase === 'playing') return undefined;
  if (state.phase === 'offline') {
    return { title: 'No connection to the server', detail: 'Retrying by itself.', level: 'caution' };
  }
  if (camera.level === 'alarm')
    return { title: `Camera ${camera.word}`, detail: camera.detail, level: 'alarm' };
  const reason = state.phase === 'waiting' ? state.reason : undefined;
  const why = camera.level === 'caution' ? (camera.detail ?? reason) : (reason ?? camera.detail);
  if (hasShown) return { title: 'Stream lost, retrying', detail: why, level: 'caution' };
  if (camera.level === 'caution') return { title: 'No video yet, retrying', detail: why, level: 'caution' };
  return {
    title: 'No video yet',
    detail: why ?? 'Waiting for the first picture.',
    level: 'busy',
  };
}

export interface VideoViewProps {
  vehicle: KindVehicle;
  camera: string;
  stream: VideoStream | undefined;
  /** The values of the frame that is on the screen now; undefined when it has none. */
  onValues?: (values: FrameValues | undefined) => void;
}

/** Draws what the stream shows, until it is unmounted. */
function usePicture({ vehicle, camera, stream, onValues }: VideoViewProps, snapshot: StreamSnapshot) {
  const { live } = useConnections();
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [frozenMs, setFrozenMs] = useState<number>();
  const values = useRef(onValues);
  useEffect(() => {
    values.current = onValues;
  });

  useEffect(() => {
    if (!stream || !canvas.current || !holder.current) return;
    const element = holder.current;
    const picture = new Picture(canvas.current, vehicle.kind, `${vehicle.name} · ${camera}`, () =>
      hudLink(live.vehicle(vehicle.id), live.clock.nowUs()),
    );
    let frozen = false;
    const show = (shown: ShownFrame, lost: boolean) => {
      frozen = lost;
      picture.draw(shown, !lost);
      values.current?.(lost ? undefined : shown.frame?.values);
    };
    const redraw = () => {
      if (stream.shown) picture.draw(stream.shown, !frozen);
    };
    const sizes = new ResizeObserver(() => {
      picture.resize(element.clientWidth, element.clientHeight);
      redraw();
    });
    sizes.observe(element);
    const removeSink = stream.addSink(show);
    const removeSettings = onHudSettings(redraw);
    const timer = setInterval(() => {
      const shown = stream.shown;
      const age = shown ? performance.now() - shown.shownAtMs : 0;
      if (shown && age > kFrozenMs && !frozen) show(shown, true);
      setFrozenMs(age > kFrozenMs ? age : undefined);
    }, 250);
    return () => {
      clearInterval(timer);
      removeSettings();
      removeSink();
      sizes.disconnect();
      values.current?.(undefined);
    };
  }, [stream, vehicle, camera, live]);

  // Where picture and timestamp cannot be taken together, the element itself is what is seen.
  useEffect(() => {
    const element = holder.current;
    if (!stream || !element || snapshot.atomic) return;
    element.prepend(stream.video);
    stream.video.play().catch(() => undefined);
    return () => stream.video.remove();
  }, [stream, snapshot.atomic]);

  return { holder, canvas, frozenMs };
}

export function VideoView(props: VideoViewProps) {
  const { vehicle, camera, stream } = props;
  const snapshot = useSnapshot(stream);
  const { holder, canvas, frozenMs } = usePicture(props, snapshot);
  const live = useLiveVehicle(vehicle.id);
  const state = cameraState(live?.cameras[camera]?.state);
  const missing = missingFeatures();
  const renditions = live?.cameras[camera]?.state?.renditions;
  useEffect(() => {
    if (renditions) stream?.setRenditions(renditions);
  }, [renditions, stream]);

  // A camera that plays again need not wait for the next attempt.
  const playing = state.level === 'ok';
  useEffect(() => {
    if (playing) stream?.nudge();
  }, [playing, stream]);

  const notice = noticeFor(snapshot, state, missing);
  return (
    <div className="video" ref={holder} data-lost={(notice && snapshot.hasShown) || undefined}>
      <canvas ref={canvas} aria-label={`Live picture of ${vehicle.name}, camera ${camera}`} role="img" />
      {notice && (
        <div className="stage-notice" data-level={notice.level} role="status">
          <strong>{notice.title}</strong>
          {notice.detail && <p>{notice.detail}</p>}
        </div>
      )}
      {!notice && frozenMs !== undefined && (
        <div className="video-frozen" role="status">
          Picture frozen {formatAge(frozenMs)}
        </div>
      )}
    </div>
  );
}
