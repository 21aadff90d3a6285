// What happened in the timeline's view, as a list: a click, or N and P, goes there.
import { Button, Checkbox } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';

import { MarkRow } from '../find/found_rows';
import '../find/find.css';
import { touches, type Mark } from './marks';
import { laneKey, type Lane } from './recordings_api';
import type { Span } from './replay_state';
import type { ReplaySession } from './replay_session';
import { useReading } from './use_session';

/** The nearest to the playhead; more would only slow the page down. */
const kMostRows = 300;

export interface EventsPanelProps {
  session: ReplaySession;
  lane: Lane | undefined;
  /** Oldest first. */
  marks: readonly Mark[];
  view: Span;
  /** Why there are none, if they could not be had. */
  problem: string | undefined;
  onSeek: (us: number) => void;
  /** Undefined: the user may not. */
  onEdit: ((mark: Mark) => void) | undefined;
  onNew: (() => void) | undefined;
}

/** The rows around the newest mark at `us`, and that one's id. */
export function rowsAround(
  marks: readonly Mark[],
  us: number | undefined,
): { rows: readonly Mark[]; current: string | undefined } {
  const at = us === undefined ? -1 : marks.findLastIndex((mark) => mark.us <= us);
  const from = Math.max(0, Math.min(at - kMostRows / 2, marks.length - kMostRows));
  return { rows: marks.slice(from, from + kMostRows), current: marks[at]?.id };
}

export function EventsPanel(props: EventsPanelProps) {
  const { session, lane, marks, view, problem, onSeek, onEdit, onNew } = props;
  const [own, setOwn] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const vehicle = lane?.vehicle;
  const isMeant = (mark: Mark) => !own || mark.vehicle === undefined || mark.vehicle === vehicle;
  const seen = marks.filter((mark) => touches(mark, view) && isMeant(mark));
  const second = useReading(
    session,
    useCallback((read: ReplaySession) => Math.floor((read.utcUs ?? NaN) / 1e5), []),
  );
  const { rows, current } = rowsAround(seen, Number.isFinite(second) ? (second + 1) * 1e5 : undefined);
  useEffect(() => {
    list.current?.querySelector('[data-selected]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <div className="find">
      <div className="events-tools">
        <Checkbox
          size="xs"
          label={lane ? `only ${lane.name}` : 'only this vehicle'}
          checked={own}
          onChange={(event) => setOwn(event.currentTarget.checked)}
        />
        {onNew && (
          <Button size="compact-sm" h={32} variant="default" onClick={onNew}>
            Bookmark…
          </Button>
        )}
      </div>
      {problem !== undefined && (
        <p className="find-problem" role="alert" data-level="alarm">
          {problem}
        </p>
      )}
      {problem === undefined && rows.length === 0 && (
        <p className="panel-empty">
          Nothing happened in the timeline’s view. Zoom out with <kbd>−</kbd>, or note something with{' '}
          <kbd>M</kbd>.
        </p>
      )}
      <ol className="found find-results" ref={list} key={lane && laneKey(lane)}>
        {rows.map((mark) => (
          <MarkRow
            key={mark.id}
            mark={mark}
            current={mark.id === current}
            onShow={() => onSeek(mark.us)}
            onEdit={onEdit}
          />
        ))}
      </ol>
    </div>
  );
}
