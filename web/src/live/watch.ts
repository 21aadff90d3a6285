// The life of one watched camera as a pure state machine: what happened and when goes in, what to do comes out. It asks
// for a session, waits for the offer, wants frames, and asks again with back-off when they stop.
import { backoffMs } from '../api/backoff';

/** Generous: a busy computer takes seconds to start its first peer connection, and asking again only adds to that. */
export const kAnswerTimeoutMs = 15_000;
export const kFirstFrameTimeoutMs = 20_000;
export const kNoFramesMs = 3000;

export type WatchState =
  | { phase: 'stopped' }
  | { phase: 'offline'; attempt: number }
  | { phase: 'asked'; sinceMs: number; attempt: number }
  | { phase: 'negotiating'; session: string; sinceMs: number; attempt: number }
  | { phase: 'playing'; session: string; lastFrameMs: number }
  | { phase: 'waiting'; untilMs: number; reason: string; attempt: number };

export type WatchInput =
  | { type: 'start'; online: boolean }
  | { type: 'stop' }
  | { type: 'online' }
  | { type: 'offline' }
  | { type: 'session'; session: string }
  | { type: 'offer'; session: string; sdp: string }
  | { type: 'ended'; session: string; reason: string }
  | { type: 'refused'; reason: string }
  | { type: 'frame' }
  | { type: 'nudge' }
  /** What is watched changed. */
  | { type: 'again' }
  | { type: 'tick' };

export type WatchAction =
  | { do: 'watch' }
  | { do: 'answer'; session: string; sdp: string }
  | { do: 'close-session'; session: string }
  | { do: 'drop-peer' };

export interface WatchStep {
  state: WatchState;
  actions: WatchAction[];
}

const same = (state: WatchState): WatchStep => ({ state, actions: [] });

function ask(attempt: number, nowMs: number): WatchStep {
  return { state: { phase: 'asked', sinceMs: nowMs, attempt }, actions: [{ do: 'watch' }] };
}

function attemptOf(state: WatchState): number {
  return 'attempt' in state ? state.attempt : 0;
}

function sessionOf(state: WatchState): string | undefined {
  return 'session' in state ? state.session : undefined;
}

/** Ends what runs and waits before the next attempt. */
function retry(
  state: WatchState,
  reason: string,
  nowMs: number,
  random: number,
  closeSession: boolean,
): WatchStep {
  const attempt = attemptOf(state);
  const session = sessionOf(state);
  const actions: WatchAction[] = [{ do: 'drop-peer' }];
  if (session !== undefined && closeSession) actions.unshift({ do: 'close-session', session });
  return {
    state: { phase: 'waiting', untilMs: nowMs + backoffMs(attempt, random), reason, attempt: attempt + 1 },
    actions,
  };
}

function tick(state: WatchState, nowMs: number, random: number): WatchStep {
  switch (state.phase) {
    case 'asked':
      if (nowMs - state.sinceMs < kAnswerTimeoutMs) return same(state);
      return retry(state, 'The server did not offer a stream.', nowMs, random, false);
    case 'negotiating':
      if (nowMs - state.sinceMs < kFirstFrameTimeoutMs) return same(state);
      return retry(state, 'The stream was offered, but no picture came.', nowMs, random, true);
    case 'playing':
      if (nowMs - state.lastFrameMs < kNoFramesMs) return same(state);
      return retry(state, 'No new picture for 3 s.', nowMs, random, true);
    case 'waiting':
      return nowMs < state.untilMs ? same(state) : ask(state.attempt, nowMs);
    default:
      return same(state);
  }
}

/** `random` in [0, 1) spreads the retries. */
export function nextWatch(
  state: WatchState,
  input: WatchInput,
  nowMs: number,
  random = Math.random(),
): WatchStep {
  if (input.type === 'start') {
    if (state.phase !== 'stopped') return same(state);
    return input.online ? ask(0, nowMs) : same({ phase: 'offline', attempt: 0 });
  }
  if (state.phase === 'stopped') {
    // A session that was granted after we had turned away.
    if (input.type !== 'session') return same(state);
    return { state, actions: [{ do: 'close-session', session: input.session }] };
  }
  const session = sessionOf(state);
  switch (input.type) {
    case 'stop': {
      const actions: WatchAction[] = [{ do: 'drop-peer' }];
      if (session !== undefined) actions.unshift({ do: 'close-session', session });
      return { state: { phase: 'stopped' }, actions };
    }
    case 'online':
      return state.phase === 'offline' ? ask(state.attempt, nowMs) : same(state);
    case 'offline':
      return { state: { phase: 'offline', attempt: attemptOf(state) }, actions: [{ do: 'drop-peer' }] };
    case 'session':
      if (state.phase !== 'asked') {
        return { state, actions: [{ do: 'close-session', session: input.session }] };
      }
      return same({ phase: 'negotiating', session: input.session, sinceMs: nowMs, attempt: state.attempt });
    case 'offer':
      if (session !== input.session) return same(state);
      return { state, actions: [{ do: 'answer', session: input.session, sdp: input.sdp }] };
    case 'ended':
      return session === input.session ? retry(state, input.reason, nowMs, random, false) : same(state);
    case 'refused':
      if (state.phase === 'waiting' || state.phase === 'offline') return same(state);
      return retry(state, input.reason, nowMs, random, false);
    case 'frame':
      if (state.phase !== 'negotiating' && state.phase !== 'playing') return same(state);
      return same({ phase: 'playing', session: state.session, lastFrameMs: nowMs });
    case 'nudge':
      return state.phase === 'waiting' ? ask(0, nowMs) : same(state);
    case 'again': {
      if (state.phase === 'offline') return same(state);
      const actions: WatchAction[] = [{ do: 'drop-peer' }, ...ask(0, nowMs).actions];
      if (session !== undefined) actions.unshift({ do: 'close-session', session });
      return { state: ask(0, nowMs).state, actions };
    }
    case 'tick':
      return tick(state, nowMs, random);
  }
}
