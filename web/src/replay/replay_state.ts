// How a recording plays, as views see it.
import type { ApiError } from '../api/client';
import type { SourceProblem } from './hls_source';

export const kSpeeds = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16] as const;
export type Speed = (typeof kSpeeds)[number];

export interface Span {
  fromUs: number;
  toUs: number;
}

export interface ReplayState {
  phase: 'idle' | 'opening' | 'ready' | 'gap' | 'failed';
  /** What is wanted is not on the screen yet. */
  seeking: boolean;
  playing: boolean;
  speed: Speed;
  problem: SourceProblem | undefined;
  /** The server's answer when there is no playlist. */
  refusal: ApiError | undefined;
  /** Corrected time at which nothing was recorded. */
  gapAtUs: number | undefined;
}

export const kFirstState: ReplayState = {
  phase: 'idle',
  seeking: false,
  playing: false,
  speed: 1,
  problem: undefined,
  refusal: undefined,
  gapAtUs: undefined,
};
