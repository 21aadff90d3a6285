// The replay session in React: its state, and values that are read now and then because they change with every frame.
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

import { ReplaySession } from './replay_session';

export function useSession(): ReplaySession | undefined {
  const [session, setSession] = useState<ReplaySession>();
  useEffect(() => {
    const made = new ReplaySession();
    made.start();
    setSession(made);
    return () => {
      made.stop();
      setSession(undefined);
    };
  }, []);
  return session;
}

const kReadMs = 100;

/** A value that follows the frames, at most ten times a second; `read` must give equal values for equal things. */
export function useReading<T>(session: ReplaySession, read: (session: ReplaySession) => T): T {
  const [value, setValue] = useState(() => read(session));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setValue(() => read(session));
      }, kReadMs);
    };
    later();
    const unsubscribe = session.onTime(later);
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [session, read]);
  return value;
}

/** Draws again whenever the state of one of its players changes. */
export function useSessionState(session: ReplaySession | undefined) {
  const subscribe = useCallback(
    (listener: () => void) => session?.subscribe(listener) ?? (() => undefined),
    [session],
  );
  const state = useSyncExternalStore(subscribe, () => session?.state);
  useSyncExternalStore(subscribe, () => session?.first);
  useSyncExternalStore(subscribe, () => session?.others);
  return state;
}
