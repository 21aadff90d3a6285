// What a person can do on the replay page, and the keys for it.
import { useRef } from 'react';

import { changeHudSettings, hudSettings, nextCoordinateFormat } from '../hud/settings';
import type { KeyAction } from '../shell/keys';
import { stepped } from '../shell/stepped';
import { nextStart, previousStart } from './coverage';
import type { Lane } from './recordings_api';
import type { CameraId } from './replay_address';
import { kSpeeds, type Span } from './replay_state';
import type { ReplaySession } from './replay_session';
import { centred, keptInView, widthOf, zoomed } from './timeline_scale';
import type { useReplay } from './use_replay';

const kLoopUs = 10e6;
const kShortestLoopUs = 200_000;
const kZoom = 0.6;
/** A range may begin a little before its first frame: the index keeps milliseconds. */
const kInsideUs = 2000;

interface Others {
  onHelp: () => void;
  onFollow: () => void;
  /** True: Esc, Enter or Backspace meant what is being drawn. */
  onDrawingKey: (key: string) => boolean;
}

export function useActions(session: ReplaySession, replay: ReturnType<typeof useReplay>, others: Others) {
  const { address, change, lanes, lane, others: beside, view, setView } = replay;
  const field = useRef<HTMLInputElement>(null);
  const nowUs = () => session.utcUs;

  const seek = (us: number) => {
    session.seek(us);
    setView(keptInView(view, us));
  };
  const by = (us: number) => {
    const from = nowUs();
    if (from !== undefined) seek(from + us);
  };
  /** Another camera at one of its own capture times; without a name the vehicle's first. */
  const show = ({ vehicle, camera }: CameraId, us: number) => {
    const isShown = lane?.vehicle === vehicle && (camera === '' || lane.camera === camera);
    if (isShown) return seek(us + session.trimUs(lane));
    change({ shown: { vehicle, camera } });
    seek(us + session.trimUs({ vehicle, camera }));
  };
  const pick = (next: Lane | undefined, us?: number) => {
    if (!next) return;
    // What was shown goes to where the other one was.
    const others = beside.flatMap((other) => (other !== next ? [other] : lane ? [lane] : []));
    change({ shown: { vehicle: next.vehicle, camera: next.camera }, others });
    if (us !== undefined) seek(us);
  };
  const range = (direction: 1 | -1) => {
    const from = nowUs();
    if (!lane || from === undefined) return;
    const to = direction > 0 ? nextStart(lane.ranges, from) : previousStart(lane.ranges, from);
    if (to !== undefined) seek(to + kInsideUs);
  };
  const setLoop = (loop: Span | undefined) => change({ loop });
  const loopEnd = (end: 'fromUs' | 'toUs') => {
    const us = nowUs();
    if (us === undefined) return;
    const old = address.loop ?? { fromUs: us, toUs: us + kLoopUs };
    const next = { ...old, [end]: us };
    if (next.toUs - next.fromUs >= kShortestLoopUs) setLoop(next);
    else setLoop(end === 'fromUs' ? { fromUs: us, toUs: us + kLoopUs } : { fromUs: us - kLoopUs, toUs: us });
  };
  const toggleLoop = () => {
    const us = nowUs();
    setLoop(address.loop || us === undefined ? undefined : { fromUs: us, toUs: us + kLoopUs });
  };
  const togglePlay = () => (session.state?.playing ? session.pause() : session.play());
  const speed = (direction: 1 | -1) => {
    const next = kSpeeds[kSpeeds.indexOf(session.state?.speed ?? 1) + direction];
    if (next !== undefined) session.setSpeed(next);
  };
  const zoom = (factor: number) => setView(zoomed(view, factor, nowUs() ?? (view.fromUs + view.toUs) / 2));
  /** The first of those beside comes to the front, and all of them move up. */
  const swap = () => {
    const [next, ...rest] = beside;
    if (next) change({ shown: next, others: lane ? [...rest, lane] : rest });
  };
  const step = (direction: 1 | -1) => pick(stepped(lanes, lane, direction));

  const actions: KeyAction[] = [
    { keys: ['?'], shown: '?', what: 'These keys', act: others.onHelp },
    { keys: [' '], shown: 'Space', what: 'Play or pause', act: togglePlay },
    { keys: [','], shown: ',', what: 'One frame back', act: () => session.step(-1) },
    { keys: ['.'], shown: '.', what: 'One frame forward', act: () => session.step(1) },
    { keys: ['<', '>'], shown: '< >', what: 'Slower, faster', act: (key) => speed(key === '<' ? -1 : 1) },
    {
      keys: ['ArrowLeft', 'ArrowRight'],
      shown: '← →',
      what: '5 s back or forward',
      act: (key) => by(key === 'ArrowLeft' ? -5e6 : 5e6),
    },
    {
      keys: ['PageUp', 'PageDown'],
      shown: 'PgUp PgDn',
      what: '1 min back or forward',
      act: (key) => by(key === 'PageUp' ? -60e6 : 60e6),
    },
    {
      keys: ['[', ']'],
      shown: '[ ]',
      what: 'Previous or next recording',
      act: (key) => range(key === '[' ? -1 : 1),
    },
    { keys: ['t'], shown: 'T', what: 'Type a UTC time', act: () => field.current?.focus() },
    { keys: ['l'], shown: 'L', what: 'Loop 10 s from here, or end the loop', act: toggleLoop },
    {
      keys: ['i', 'o'],
      shown: 'I O',
      what: 'The loop begins or ends here',
      act: (key) => loopEnd(key === 'i' ? 'fromUs' : 'toUs'),
    },
    { keys: ['ArrowDown', 'j'], shown: '↓ J', what: 'Next camera', act: () => step(1) },
    { keys: ['ArrowUp', 'k'], shown: '↑ K', what: 'Previous camera', act: () => step(-1) },
    { keys: ['b'], shown: 'B', what: 'Bring the next picture to the front', act: swap },
    {
      keys: ['+', '=', '-'],
      shown: '+ −',
      what: 'Zoom the timeline',
      act: (key) => zoom(key === '-' ? 1 / kZoom : kZoom),
    },
    {
      keys: ['0'],
      shown: '0',
      what: 'The timeline around the picture',
      act: () => setView(centred(nowUs() ?? view.fromUs, widthOf(view))),
    },
    {
      keys: ['v'],
      shown: 'V',
      what: 'Swap picture and map',
      act: () => change({ large: address.large === 'map' ? 'video' : 'map' }),
    },
    {
      keys: ['c'],
      shown: 'C',
      what: 'Charts or values',
      act: () => change({ side: address.side === 'charts' ? 'values' : 'charts' }),
    },
    { keys: ['f'], shown: 'F', what: 'Map follows the vehicle', act: others.onFollow },
    {
      keys: ['u'],
      shown: 'U',
      what: 'Head-up display on or off',
      act: () => changeHudSettings({ on: !hudSettings().on }),
    },
    { keys: ['g'], shown: 'G', what: 'Coordinates: decimal, DMS, MGRS', act: nextCoordinateFormat },
    {
      keys: ['Escape'],
      shown: 'Esc',
      what: 'End the drawing, or the loop',
      act: (key) => others.onDrawingKey(key) || setLoop(undefined),
    },
    {
      keys: ['Enter', 'Backspace'],
      shown: 'Enter ⌫',
      what: 'While drawing: done, or the last corner back',
      act: others.onDrawingKey,
    },
  ];
  /** What the pointer does; here for the help. */
  const gestures: KeyAction[] = [
    { keys: [], shown: 'Wheel', what: 'On the timeline: zoom; with Shift: move', act: () => undefined },
    { keys: [], shown: 'Shift drag', what: 'On the timeline: a loop', act: () => undefined },
  ];
  return { actions, gestures, field, seek, show, pick, toggleLoop, range, togglePlay };
}
