// What a link's or a camera's state is to the people who watch: a level, a word, and the reason.
import type { CameraState, LinkState } from '../api/types';
import type { SocketState } from '../api/socket';
import type { Level } from '../shell/icons';
import { formatAge, kStaleMs } from './freshness';
import type { LiveVehicleState } from './live_store';

export interface ShownState {
  level: Level;
  word: string;
  detail: string | undefined;
}

const kLink: Record<LinkState['state'], { level: Level; word: string }> = {
  up: { level: 'ok', word: 'link up' },
  connecting: { level: 'busy', word: 'connecting' },
  silent: { level: 'caution', word: 'link silent' },
  down: { level: 'alarm', word: 'link down' },
  none: { level: 'off', word: 'no link' },
};

const kCamera: Record<CameraState['state'], { level: Level; word: string }> = {
  playing: { level: 'ok', word: 'playing' },
  connecting: { level: 'busy', word: 'connecting' },
  retrying: { level: 'caution', word: 'retrying' },
  refused: { level: 'alarm', word: 'refused' },
  down: { level: 'alarm', word: 'down' },
};

export function linkState(
  vehicle: LiveVehicleState | undefined,
  socket: SocketState,
  nowUs: number,
): ShownState {
  if (socket !== 'open')
    return { level: 'caution', word: 'not known', detail: 'No connection to the server.' };
  if (!vehicle)
    return { level: 'busy', word: 'starting', detail: 'The server has not reported this vehicle yet.' };
  const state = vehicle.link?.state ?? 'none';
  const shown = { ...kLink[state], detail: vehicle.link?.detail };
  const ageMs = vehicle.received === undefined ? undefined : (nowUs - vehicle.received) / 1000;
  if (state === 'up' && ageMs !== undefined && ageMs > kStaleMs) {
    return { level: 'caution', word: 'link silent', detail: `Nothing heard for ${formatAge(ageMs)}.` };
  }
  return shown;
}

export function cameraState(state: CameraState | undefined): ShownState {
  if (!state) return { level: 'busy', word: 'starting', detail: undefined };
  if (state.state === 'playing' && state.b_frames) {
    return { level: 'alarm', word: 'sends B-frames', detail: state.detail };
  }
  return { ...kCamera[state.state], detail: state.detail };
}
