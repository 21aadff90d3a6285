// What happened last, for when no file is chosen.
import { useEvents } from '../live/events';
import { utcDate, utcTime } from '../hud/format';
import { StateMark } from '../shell/icons';

export function EventsList({ onOpen }: { onOpen: (name: string) => void }) {
  const events = useEvents();
  return (
    <section className="events" aria-label="Events">
      <h2>Events, newest first</h2>
      {events.isError && (
        <p className="panel-empty" data-level="caution" role="alert">
          The events cannot be read: {events.error.message}
        </p>
      )}
      {events.data?.length === 0 && <p className="panel-empty">Nothing has happened yet.</p>}
      <ol>
        {events.data?.map(({ id, time, level, subject, user, message }) => {
          const file = /^pipeline\/(.+)$/.exec(subject)?.[1];
          return (
            <li key={id} data-level={level}>
              <StateMark level={level === 'caution' ? 'caution' : 'ok'} />
              <time>
                {utcDate(time)} {utcTime(time, false)}
              </time>
              {file === undefined ? (
                <span>{subject}</span>
              ) : (
                <button type="button" onClick={() => onOpen(file)}>
                  {file}
                </button>
              )}
              <span className="dim">{user ?? ''}</span>
              <p>{message}</p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
