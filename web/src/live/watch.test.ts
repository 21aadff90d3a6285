import { describe, expect, test } from 'vitest';

import { kFirstDelayMs } from '../api/backoff';
import {
  kAnswerTimeoutMs,
  kFirstFrameTimeoutMs,
  kNoFramesMs,
  nextWatch,
  type WatchInput,
  type WatchState,
} from './watch';

/** Runs inputs at their times through the machine; gives the last state and all actions. */
function run(inputs: readonly (readonly [number, WatchInput])[], from: WatchState = { phase: 'stopped' }) {
  let state = from;
  const actions: string[] = [];
  for (const [nowMs, input] of inputs) {
    const step = nextWatch(state, input, nowMs, 0.5);
    state = step.state;
    actions.push(
      ...step.actions.map((action) => ('session' in action ? `${action.do} ${action.session}` : action.do)),
    );
  }
  return { state, actions };
}

const start: WatchInput = { type: 'start', online: true };
const session = (name: string): WatchInput => ({ type: 'session', session: name });
const offer = (name: string): WatchInput => ({ type: 'offer', session: name, sdp: 'v=0' });
const tick: WatchInput = { type: 'tick' };
const frame: WatchInput = { type: 'frame' };
const playing = [
  [0, start],
  [10, session('a')],
  [20, offer('a')],
  [100, frame],
] as const;

describe('watching a camera', () => {
  test('asks, answers the offer and plays with the first frame', () => {
    const { state, actions } = run(playing);
    expect(state.phase).toBe('playing');
    expect(actions).toEqual(['watch', 'answer a']);
  });

  test('waits for the signaling socket before it asks', () => {
    const { state, actions } = run([
      [0, { type: 'start', online: false }],
      [50, tick],
    ]);
    expect(state.phase).toBe('offline');
    expect(actions).toEqual([]);
    expect(nextWatch(state, { type: 'online' }, 100).actions).toEqual([{ do: 'watch' }]);
  });

  test('asks again by itself when no frame came for three seconds', () => {
    const { state, actions } = run([
      ...playing,
      [100 + kNoFramesMs - 1, tick],
      [100 + kNoFramesMs, tick],
      [100 + kNoFramesMs + kFirstDelayMs, tick],
    ]);
    expect(state.phase).toBe('asked');
    expect(actions.slice(2)).toEqual(['close-session a', 'drop-peer', 'watch']);
  });

  test('ends what runs and asks at once when something else is wanted', () => {
    const { state, actions } = run([...playing, [500, { type: 'again' }]]);
    expect(state).toMatchObject({ phase: 'asked', attempt: 0 });
    expect(actions.slice(2)).toEqual(['close-session a', 'drop-peer', 'watch']);
    expect(nextWatch({ phase: 'offline', attempt: 2 }, { type: 'again' }, 0).actions).toEqual([]);
  });

  test('asks again when the server ended the session, without closing what is closed', () => {
    const { state, actions } = run([
      ...playing,
      [500, { type: 'ended', session: 'a', reason: 'worker died' }],
    ]);
    expect(state).toMatchObject({ phase: 'waiting', reason: 'worker died' });
    expect(actions.slice(2)).toEqual(['drop-peer']);
  });

  test('the end of an older session changes nothing', () => {
    const { state } = run([...playing, [500, { type: 'ended', session: 'old', reason: 'late news' }]]);
    expect(state.phase).toBe('playing');
  });

  test('waits longer after each refusal, up to a bound, and keeps the reason', () => {
    let state: WatchState = nextWatch({ phase: 'stopped' }, start, 0).state;
    const waits: number[] = [];
    let now = 0;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      state = nextWatch(state, { type: 'refused', reason: 'no such camera' }, now, 0.5).state;
      if (state.phase !== 'waiting') throw new Error(state.phase);
      expect(state.reason).toBe('no such camera');
      waits.push(state.untilMs - now);
      now = state.untilMs;
      state = nextWatch(state, tick, now, 0.5).state;
      expect(state.phase).toBe('asked');
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 5000, 5000, 5000, 5000]);
  });

  test('a nudge ends the waiting at once', () => {
    const { state, actions } = run([
      [0, start],
      [5, { type: 'refused', reason: 'camera absent' }],
      [6, { type: 'nudge' }],
    ]);
    expect(state.phase).toBe('asked');
    expect(actions).toEqual(['watch', 'drop-peer', 'watch']);
  });

  test('gives up on an offer that never comes, and on one that brings no picture', () => {
    expect(
      run([
        [0, start],
        [kAnswerTimeoutMs, tick],
      ]).state.phase,
    ).toBe('waiting');
    const { state, actions } = run([
      [0, start],
      [10, session('a')],
      [20, offer('a')],
      [10 + kFirstFrameTimeoutMs, tick],
    ]);
    expect(state.phase).toBe('waiting');
    expect(actions).toContain('close-session a');
  });

  test('a session that was not asked for is closed', () => {
    expect(run([...playing, [200, session('b')]]).actions).toContain('close-session b');
    expect(run([[0, session('b')]]).actions).toEqual(['close-session b']);
  });

  test('a lost socket drops the peer, and its return asks at once', () => {
    const { state, actions } = run([...playing, [200, { type: 'offline' }], [300, { type: 'online' }]]);
    expect(state.phase).toBe('asked');
    expect(actions.slice(2)).toEqual(['drop-peer', 'watch']);
  });

  test('stop closes the session and the peer', () => {
    const { state, actions } = run([...playing, [200, { type: 'stop' }]]);
    expect(state.phase).toBe('stopped');
    expect(actions.slice(2)).toEqual(['close-session a', 'drop-peer']);
  });

  test('an offer of another session is not answered', () => {
    expect(
      run([
        [0, start],
        [10, session('a')],
        [20, offer('b')],
      ]).actions,
    ).toEqual(['watch']);
  });
});
