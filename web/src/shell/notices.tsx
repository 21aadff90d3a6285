// What the server says has happened, wherever the user is: quiet, at the edge; cautions stay until they are dismissed.
import { CloseButton } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { ServerEvent } from '../api/types';
import { utcTime } from '../hud/format';
import { kVehiclesKey } from '../api/vehicles';
import { useConnections } from '../live/connections';
import { kEventsKey, mergeEvents, nextNotices, type Notice } from '../live/events';
import { StateMark } from './icons';

/** What events tell of is asked for anew; after a new connection all of it, since events may have been missed. */
function useNotices(): [readonly Notice[], (id: string) => void] {
  const { live } = useConnections();
  const queries = useQueryClient();
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  useEffect(() => {
    const unsubscribe = live.subscribeEvents((events) => {
      if (!events) void queries.invalidateQueries({ queryKey: kEventsKey });
      else {
        queries.setQueryData<readonly ServerEvent[]>(
          kEventsKey,
          (known) => known && mergeEvents(known, events),
        );
        setNotices((old) => nextNotices(old, events, performance.now()));
      }
      if (!events || events.some(({ subject }) => subject.startsWith('pipeline/'))) {
        void queries.invalidateQueries({ queryKey: ['pipelines'] });
        void queries.invalidateQueries({ queryKey: kVehiclesKey }); // a file may describe other cameras now
      }
    });
    const timer = setInterval(() => setNotices((old) => nextNotices(old, [], performance.now())), 500);
    return () => {
      clearInterval(timer);
      unsubscribe();
    };
  }, [live, queries]);
  return [notices, (id) => setNotices((old) => old.filter(({ event }) => event.id !== id))];
}

export function Notices() {
  const [notices, dismiss] = useNotices();
  return (
    <div className="notices" role="log" aria-label="Notices">
      {notices.map(({ event }) => (
        <div className="notice" key={event.id} data-level={event.level}>
          <div className="notice-head">
            <StateMark level={event.level === 'caution' ? 'caution' : 'ok'} />
            <strong>{event.subject.replace(/^pipeline\//, '')}</strong>
            <CloseButton size={32} aria-label="Dismiss" onClick={() => dismiss(event.id)} />
          </div>
          <p>{event.message}</p>
          <p className="dim">
            {utcTime(event.time, false)} UTC{event.user ? ` · ${event.user}` : ''}
          </p>
        </div>
      ))}
    </div>
  );
}
