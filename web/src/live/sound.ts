// Whether the operator hears the camera that is watched: off until turned on, and off again with each new page.
import { useSyncExternalStore } from 'react';

let on = false;
const listeners = new Set<() => void>();

const isOn = () => on;

export function toggleSound(): void {
  on = !on;
  listeners.forEach((listener) => listener());
}

export function useSound(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isOn);
}
