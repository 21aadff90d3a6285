// The three live connections of a signed-in page, and the hooks that read them.
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { ReactNode } from 'react';

import { ReconnectingSocket, type SocketState } from '../api/socket';
import type { Part } from '../api/types';
import type { TrackedCommand } from '../control/command_history';
import { ControlStore } from '../control/control_store';
import type { LeaseEntry } from '../control/lease_book';
import { LiveStore, type LiveVehicleState } from './live_store';
import { StreamHub } from './stream_hub';

export interface Connections {
  live: LiveStore;
  control: ControlStore;
  streams: StreamHub;
  telemetryState: () => SocketState;
  subscribeState: (listener: () => void) => () => void;
  start: () => void;
  stop: () => void;
}

function makeConnections(): Connections {
  const live = new LiveStore();
  const control = new ControlStore();
  const streams = new StreamHub(() => live.clock.offsetUs);
  const listeners = new Set<() => void>();
  const telemetry = new ReconnectingSocket('/api/telemetry', {
    onMessage: (message) => live.apply(message),
    onState: () => listeners.forEach((listener) => listener()),
  });
  const parts = [telemetry, control, streams];
  return {
    live,
    control,
    streams,
    telemetryState: () => telemetry.state,
    subscribeState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => parts.forEach((part) => part.start()),
    stop: () => parts.forEach((part) => part.stop()),
  };
}

const ConnectionsContext = createContext<Connections | null>(null);

/** Connects while it is mounted: only where somebody is signed in. */
export function ConnectionsProvider({ children }: { children: ReactNode }) {
  const connections = useMemo(makeConnections, []);
  useEffect(() => {
    connections.start();
    return connections.stop;
  }, [connections]);
  return <ConnectionsContext value={connections}>{children}</ConnectionsContext>;
}

export function useConnections(): Connections {
  const connections = useContext(ConnectionsContext);
  if (!connections) throw new Error('useConnections outside of ConnectionsProvider');
  return connections;
}

export function useTelemetryState(): SocketState {
  const { subscribeState, telemetryState } = useConnections();
  return useSyncExternalStore(subscribeState, telemetryState);
}

const kReadingMs = 200; // Numbers that change more often than this cannot be read.

/** Calls `listener` at most once in kReadingMs, and always after the last call. */
function calmed(listener: () => void): { call: () => void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    call: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        listener();
      }, kReadingMs);
    },
    cancel: () => clearTimeout(timer),
  };
}

/** The vehicle's newest state, drawn again at a pace people can read. */
export function useLiveVehicle(id: string): LiveVehicleState | undefined {
  const { live } = useConnections();
  const subscribe = useCallback(
    (listener: () => void) => {
      const { call, cancel } = calmed(listener);
      const unsubscribe = live.subscribeVehicle(id, call);
      return () => {
        cancel();
        unsubscribe();
      };
    },
    [live, id],
  );
  return useSyncExternalStore(subscribe, () => live.vehicle(id));
}

export function useLiveIds(): readonly string[] {
  const { live } = useConnections();
  return useSyncExternalStore(
    useCallback((listener: () => void) => live.subscribeIds(listener), [live]),
    () => live.ids,
  );
}

/** The vehicle's commands, newest first. */
export function useCommands(vehicle: string): readonly TrackedCommand[] {
  const { control } = useConnections();
  return useSyncExternalStore(control.subscribe, () => control.history(vehicle));
}

export function useLease(vehicle: string, part: Part): LeaseEntry {
  const { control } = useConnections();
  return useSyncExternalStore(control.subscribe, () => control.lease(vehicle, part));
}

export function useControlConnected(): boolean {
  const { control } = useConnections();
  return useSyncExternalStore(control.subscribe, () => control.connected);
}

/** The server's UTC in microseconds, drawn again every `everyMs`. */
export function useServerNow(everyMs: number): number {
  const { live } = useConnections();
  const [now, setNow] = useState(() => live.clock.nowUs());
  useEffect(() => {
    const timer = setInterval(() => setNow(live.clock.nowUs()), everyMs);
    return () => clearInterval(timer);
  }, [live, everyMs]);
  return now;
}
