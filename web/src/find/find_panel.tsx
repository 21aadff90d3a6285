// Find: which camera saw a place and when, and what was written down; play from there.
import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useState, type RefObject } from 'react';

import type { Sighting } from '../api/types';
import type { Point } from '../klv/frame_values';
import type { Mark, Names } from '../replay/marks';
import type { ReplaySession } from '../replay/replay_session';
import './find.css';
import { kMostRadiusM, kNewRadiusM, type During, type FindQuery, type Place } from './find_query';
import { MarkRow, SightingRow } from './found_rows';
import { finished } from './place_drawing';
import type { Find } from './use_find';

const kDuringNames: Record<During, string> = {
  all: 'at any time',
  view: 'in the timeline’s view',
  day: 'in the last 24 hours',
  week: 'in the last 7 days',
};
/** So many rows at first, and more on request. */
const kPage = 30;

export interface FindPanelProps {
  session: ReplaySession;
  find: Find;
  names: Names;
  field: RefObject<HTMLInputElement | null>;
  /** The corners of what the map shows. */
  seen: RefObject<(() => Point[]) | undefined>;
  onShow: (sighting: Sighting) => void;
  onPlay: (sighting: Sighting) => void;
  onMark: (mark: Mark) => void;
}

function placeWords(place: Place | undefined): string {
  if (!place) return 'Which camera saw a place? Choose it:';
  return place.type === 'point' ? 'Which camera saw this point?' : 'Which camera saw this area?';
}

function PlaceFields({ session, find, seen }: Pick<FindPanelProps, 'session' | 'find' | 'seen'>) {
  const { query, drawing, setPlace } = find;
  const { place } = query;
  const [noCenter, setNoCenter] = useState(false);
  if (drawing) {
    const isArea = drawing.type === 'area';
    return (
      <div className="find-place" role="status">
        <p>
          {isArea ? 'Click its corners on the map, then the first one again.' : 'Click the point on the map.'}
        </p>
        <div className="find-buttons">
          {isArea && (
            <Button
              size="compact-sm"
              h={32}
              disabled={!finished(drawing)}
              onClick={() => find.drawingKey('Enter')}
            >
              Done
            </Button>
          )}
          <Button size="compact-sm" h={32} variant="default" onClick={() => find.drawingKey('Escape')}>
            Cancel
          </Button>
        </div>
      </div>
    );
  }
  const frameCenter = () => {
    const at = session.first?.shown?.frame?.values?.frameCenter;
    setNoCenter(!at);
    if (at) setPlace({ type: 'point', at, radiusM: 0 });
  };
  const tool = (label: string, title: string, act: () => void, pressed = false) => (
    <Button
      size="compact-xs"
      h={32}
      variant={pressed ? 'light' : 'default'}
      aria-pressed={pressed}
      title={title}
      onClick={act}
    >
      {label}
    </Button>
  );
  return (
    <div className="find-place">
      <div className="find-what">
        <p>{placeWords(place)}</p>
        {place?.type === 'point' && (
          <NumberInput
            size="xs"
            aria-label="Within, metres; 0: what saw the point itself"
            prefix="within "
            suffix=" m"
            min={0}
            max={kMostRadiusM}
            step={kNewRadiusM}
            clampBehavior="strict"
            value={place.radiusM}
            onChange={(value) => setPlace({ ...place, radiusM: Number(value) || 0 })}
          />
        )}
      </div>
      <div className="find-buttons">
        {tool(
          'Point',
          'Click a point on the map (Shift D)',
          () => find.draw('point'),
          place?.type === 'point',
        )}
        {tool('Area', 'Click corners on the map (D)', () => find.draw('area'), place?.type === 'area')}
        {tool('Map’s view', 'All that the map shows now', () => {
          const corners = seen.current?.() ?? [];
          if (corners.length > 0) setPlace({ type: 'area', corners });
        })}
        {tool('Frame’s centre', 'What the middle of the shown picture looks at', frameCenter)}
        {place && tool('Clear', 'No place', () => setPlace(undefined))}
      </div>
      {noCenter && <p className="reason">The shown frame does not say where it looks.</p>}
    </div>
  );
}

function QueryFields({ find, names, field }: Pick<FindPanelProps, 'find' | 'names' | 'field'>) {
  const { query, change } = find;
  const set = (part: Partial<FindQuery>) => change(part);
  return (
    <div className="find-fields">
      <TextInput
        ref={field}
        size="xs"
        aria-label="Text in bookmarks and events (/)"
        placeholder="Text in bookmarks and events (/)"
        value={query.text}
        maxLength={200}
        onChange={(event) => set({ text: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <div className="find-selects">
        <NativeSelect
          size="xs"
          aria-label="Vehicle"
          data={[
            { value: '', label: 'of any vehicle' },
            ...[...names].map(([value, name]) => ({ value, label: `of ${name}` })),
          ]}
          value={query.vehicle ?? ''}
          onChange={(event) => set({ vehicle: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          size="xs"
          aria-label="Time"
          data={Object.entries(kDuringNames).map(([value, label]) => ({ value, label }))}
          value={query.during}
          onChange={(event) => set({ during: event.currentTarget.value as During })}
        />
      </div>
    </div>
  );
}

function Sightings(props: FindPanelProps) {
  const { sightings, query } = props.find;
  const [shown, setShown] = useState(kPage);
  if (!query.place) return null;
  if (sightings.isError) {
    return (
      <p className="find-problem" role="alert" data-level="alarm">
        {sightings.error.message}
      </p>
    );
  }
  if (!sightings.data) return <p className="panel-empty">Looking…</p>;
  const { sightings: found, complete } = sightings.data;
  if (found.length === 0) {
    return (
      <p className="panel-empty" role="status">
        No recorded camera saw it, and no vehicle that was recorded was there.
      </p>
    );
  }
  return (
    <section aria-label="Sightings" data-old={sightings.isPlaceholderData || undefined}>
      <h3 role="status">
        {found.length}
        {complete ? '' : ' newest'} {found.length === 1 ? 'sighting' : 'sightings'}
      </h3>
      <ol className="found">
        {found.slice(0, shown).map((sighting) => (
          <SightingRow
            key={`${sighting.vehicle}/${sighting.camera} ${sighting.by} ${sighting.from}`}
            {...props}
            sighting={sighting}
          />
        ))}
      </ol>
      {found.length > shown && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + kPage)}>
          {found.length - shown} more
        </Button>
      )}
      {!complete && <p className="reason find-more">There are older ones: choose a time or a vehicle.</p>}
    </section>
  );
}

function Texts({ find, onMark }: FindPanelProps) {
  const { texts, marks, query } = find;
  const [shown, setShown] = useState(kPage);
  if (query.text.trim() === '') return null;
  if (texts.isError) {
    return (
      <p className="find-problem" role="alert" data-level="alarm">
        {texts.error.message}
      </p>
    );
  }
  if (!texts.data) return <p className="panel-empty">Looking…</p>;
  if (marks.length === 0) {
    return (
      <p className="panel-empty" role="status">
        No bookmark and no event says “{query.text.trim()}”.
      </p>
    );
  }
  return (
    <section aria-label="Bookmarks and events" data-old={texts.isPlaceholderData || undefined}>
      <h3 role="status">{marks.length} with the text</h3>
      <ol className="found">
        {marks.slice(0, shown).map((mark) => (
          <MarkRow key={mark.id} mark={mark} onShow={onMark} />
        ))}
      </ol>
      {marks.length > shown && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + kPage)}>
          {marks.length - shown} more
        </Button>
      )}
    </section>
  );
}

export function FindPanel(props: FindPanelProps) {
  const { session, find, names, field, seen } = props;
  const { place, text } = find.query;
  return (
    <div className="find">
      <PlaceFields session={session} find={find} seen={seen} />
      <QueryFields find={find} names={names} field={field} />
      <div className="find-results">
        {!place && text.trim() === '' && (
          <p className="panel-empty">
            What is found is listed here, newest first, and marked on the timeline.
          </p>
        )}
        <Sightings {...props} />
        <Texts {...props} />
      </div>
    </div>
  );
}
