// The sound of an alert, and whether this browser makes it.
import { useSyncExternalStore } from 'react';

import type { Alert } from '../api/types';

const kMutedKey = 'masthead.alerts.muted';
const kRepeatMs = 10_000;
const kTones: Record<Alert['severity'], readonly number[]> = {
  caution: [660],
  warning: [880, 660, 880, 660],
};
const kToneS = 0.18;

const listeners = new Set<() => void>();
let context: AudioContext | undefined;

const isMuted = () => localStorage.getItem(kMutedKey) === 'yes';

export function setMuted(muted: boolean): void {
  if (muted) localStorage.setItem(kMutedKey, 'yes');
  else localStorage.removeItem(kMutedKey);
  listeners.forEach((listener) => listener());
}

export function useMuted(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isMuted);
}

/** A browser lets a page sound only after the first click or key in it. */
export function sound(severity: Alert['severity']): void {
  if (isMuted()) return;
  context ??= new AudioContext();
  void context.resume();
  const { currentTime, destination } = context;
  kTones[severity].forEach((frequency, place) => {
    if (!context) return;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const begin = currentTime + place * kToneS;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.25, begin);
    volume.gain.exponentialRampToValueAtTime(0.01, begin + kToneS);
    tone.connect(volume).connect(destination);
    tone.start(begin);
    tone.stop(begin + kToneS);
  });
}

/** Sounds again and again while `needed`, for warnings that nobody has seen. Gives what ends it. */
export function repeatWarning(needed: boolean): () => void {
  if (!needed) return () => undefined;
  const timer = setInterval(() => sound('warning'), kRepeatMs);
  return () => clearInterval(timer);
}
