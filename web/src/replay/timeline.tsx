// The timeline along the bottom: what was recorded when, what happened, where the playhead is. The ruler scrubs, the lanes
// seek on a click and move on a drag, the wheel zooms, Shift and a drag make a loop.
import { useCallback, useEffect, useRef, useState, type PointerEvent } from 'react';

import type { Disk } from '../api/types';
import { failureOf } from '../operations/disk';
import { StateMark } from '../shell/icons';
import { HoverCard } from './hover_card';
import type { Mark } from './marks';
import { laneKey, type Lane } from './recordings_api';
import type { Span } from './replay_state';
import type { ReplaySession } from './replay_session';
import {
  drawTimeline,
  heightFor,
  kLanePx,
  kRulerPx,
  laneTop,
  marksAt,
  type TimelineScene,
} from './timeline_draw';
import { keptInView, moved, usAt, widthOf, zoomed } from './timeline_scale';

export interface FoundRange extends Span {
  /** A lane's key. */
  lane: string;
}

export interface TimelineProps {
  session: ReplaySession;
  lanes: readonly Lane[];
  marks: readonly Mark[];
  /** What a search found, by lane. */
  found: readonly FoundRange[];
  /** Which cameras cannot be recorded. */
  failing: Disk | undefined;
  view: Span;
  shown: string | undefined;
  /** Keys of the lanes beside it. */
  others: readonly string[];
  loop: Span | undefined;
  onView: (view: Span) => void;
  onPick: (lane: Lane, us?: number) => void;
  onSeek: (us: number) => void;
  onLoop: (loop: Span | undefined) => void;
}

const kDragPx = 4;
/** Frames nearer to each other are not told apart. */
const kFramePx = 5;
const kFrameUs = 1e6 / 30;
/** Half of the hover card. */
const kHoverPx = 122;
const kWheelZoom = 1.0018;

type Drag =
  | { type: 'scrub' }
  | { type: 'press'; x: number; view: Span; moved: boolean }
  | { type: 'loop'; fromUs: number };

interface Hover {
  x: number;
  y: number;
}

const byDistance = (us: number) => (a: Mark, b: Mark) => Math.abs(a.us - us) - Math.abs(b.us - us);
const laneAt = (lanes: readonly Lane[], y: number) => lanes[Math.floor((y - laneTop(0)) / kLanePx)];

/** Draws after each change, at most once a frame of the screen. */
function useDrawing(props: TimelineProps, hover: Hover | undefined) {
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const { session, lanes } = props;
  const height = heightFor(lanes.length);
  const newest = useRef<() => void>(() => undefined);
  useEffect(() => {
    newest.current = () => {
      const context = canvas.current?.getContext('2d');
      if (!context || width === 0) return;
      const placeOf = (key: string | undefined) => lanes.findIndex((lane) => laneKey(lane) === key);
      const ratio = window.devicePixelRatio || 1;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const areFramesSeen = (kFrameUs / widthOf(props.view)) * width > kFramePx;
      const scene: TimelineScene = {
        ...props,
        hits: props.found
          .map(({ lane, ...span }) => ({ ...span, lane: placeOf(lane) }))
          .filter(({ lane }) => lane >= 0),
        frames: areFramesSeen ? (session.first?.framesIn(props.view) ?? []) : [],
        shown: placeOf(props.shown),
        others: props.others.map(placeOf),
        playheadUs: session.utcUs,
        hoverX: hover?.x,
        nowUs: Date.now() * 1000,
      };
      drawTimeline(context, scene, width, height);
    };
    newest.current();
  });
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    let frame = 0;
    const later = () => {
      if (frame === 0)
        frame = requestAnimationFrame(() => {
          frame = 0;
          newest.current();
        });
    };
    const unsubscribe = session.onTime(later);
    return () => {
      cancelAnimationFrame(frame);
      unsubscribe();
      sizes.disconnect();
    };
  }, [session]);
  const ratio = window.devicePixelRatio || 1;
  useEffect(() => {
    if (!canvas.current) return;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(height * ratio);
    newest.current();
  }, [width, height, ratio]);
  return { holder, canvas, width, height };
}

function useWheel(holder: React.RefObject<HTMLDivElement | null>, view: Span, onView: (view: Span) => void) {
  const newest = useRef({ view, onView });
  useEffect(() => {
    newest.current = { view, onView };
  });
  useEffect(() => {
    const element = holder.current;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view, onView } = newest.current;
      const { left, width } = (event.currentTarget as HTMLElement).getBoundingClientRect();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        onView(moved(view, (sideways / width) * widthOf(view)));
      } else {
        onView(zoomed(view, kWheelZoom ** event.deltaY, usAt(view, width, event.clientX - left)));
      }
    };
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, [holder]);
}

function usePointer(props: TimelineProps, width: number) {
  const { lanes, view, onView, onSeek, onPick, onLoop } = props;
  const drag = useRef<Drag>(undefined);
  const [hover, setHover] = useState<Hover>();
  const at = (event: PointerEvent<HTMLElement>): Hover => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  return {
    hover,
    handlers: {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        if (event.button !== 0) return;
        const { x, y } = at(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        if (event.shiftKey) drag.current = { type: 'loop', fromUs: usAt(view, width, x) };
        else if (y < kRulerPx) {
          drag.current = { type: 'scrub' };
          onSeek(usAt(view, width, x));
        } else drag.current = { type: 'press', x, view, moved: false };
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const place = at(event);
        setHover(place);
        const held = drag.current;
        const us = usAt(view, width, place.x);
        if (held?.type === 'scrub') onSeek(us);
        else if (held?.type === 'loop') {
          const [fromUs, toUs] = [Math.min(held.fromUs, us), Math.max(held.fromUs, us)];
          if (((toUs - fromUs) / widthOf(view)) * width > kDragPx) onLoop({ fromUs, toUs });
        } else if (held && (held.moved || Math.abs(place.x - held.x) > kDragPx)) {
          held.moved = true;
          onView(moved(held.view, ((held.x - place.x) / width) * widthOf(held.view)));
        }
      },
      onPointerUp: (event: PointerEvent<HTMLElement>) => {
        const held = drag.current;
        drag.current = undefined;
        if (held?.type !== 'press' || held.moved) return;
        const { x, y } = at(event);
        const lane = laneAt(lanes, y);
        const us = usAt(view, width, x);
        const [mark] = y < laneTop(0) ? marksAt(view, props.marks, width, x).sort(byDistance(us)) : [];
        if (mark) onSeek(mark.us);
        else if (lane && laneKey(lane) !== props.shown) onPick(lane, us);
        else onSeek(us);
      },
      onPointerLeave: () => setHover(undefined),
    },
  };
}

export function Timeline(props: TimelineProps) {
  const { session, lanes, marks, view, shown, others, onView, onPick } = props;
  const [hover, setHover] = useState<Hover>();
  const { holder, canvas, width, height } = useDrawing(props, hover);
  const pointer = usePointer(props, width);
  useEffect(() => setHover(pointer.hover), [pointer.hover]);
  useWheel(holder, view, onView);

  const newest = useRef({ view, onView });
  useEffect(() => {
    newest.current = { view, onView };
  });
  const follow = useCallback(() => {
    const { view, onView } = newest.current;
    const { utcUs } = session;
    if (!session.state?.playing || utcUs === undefined) return;
    const kept = keptInView(view, utcUs);
    if (kept !== view) onView(kept);
  }, [session]);
  useEffect(() => session.onTime(follow), [session, follow]);

  return (
    <section className="timeline" aria-label="Timeline">
      <div className="timeline-inner" style={{ height }}>
        <div className="timeline-names">
          <span style={{ top: kRulerPx }} className="timeline-marks-name">
            events
          </span>
          {lanes.map((lane, index) => {
            const key = laneKey(lane);
            const failure = failureOf(props.failing, lane.vehicle, lane.camera);
            return (
              <button
                key={key}
                type="button"
                style={{ top: laneTop(index), height: kLanePx }}
                aria-pressed={key === shown}
                data-other={others.includes(key) || undefined}
                title={failure && `Not recorded now: ${failure}`}
                onClick={() => onPick(lane)}
              >
                {failure && <StateMark level="alarm" />} {lane.name}{' '}
                <span className="dim">{lane.camera}</span>
                {failure && <span className="visually-hidden">, not recorded now: {failure}</span>}
              </button>
            );
          })}
        </div>
        <div className="timeline-canvas" ref={holder} {...pointer.handlers}>
          <canvas ref={canvas} style={{ height }} aria-hidden />
        </div>
      </div>
      {hover && width > 0 && (
        <div className="timeline-hovers">
          <HoverCard
            session={session}
            view={view}
            us={usAt(view, width, hover.x)}
            left={Math.min(Math.max(hover.x, kHoverPx), width - kHoverPx)}
            lane={laneAt(lanes, hover.y)}
            marks={hover.y > kRulerPx && hover.y < laneTop(0) ? marksAt(view, marks, width, hover.x) : []}
          />
        </div>
      )}
    </section>
  );
}
