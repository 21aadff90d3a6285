// What is looked for on the replay page, and what of it was found.
import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';

import { marksOf, touches, useMarks, type Mark, type Names } from '../replay/marks';
import type { Span } from '../replay/replay_state';
import { useSightings } from './find_api';
import { readFindQuery, spanOf, writeFindQuery, type FindQuery, type Place } from './find_query';
import { beginning, finished, withoutLast, type Drawing } from './place_drawing';

const kRestMs = 400;

export function useFind(view: Span, names: Names) {
  const [parameters, setParameters] = useSearchParams();
  const query = useMemo(() => readFindQuery(parameters), [parameters]);
  const [drawing, setDrawing] = useState<Drawing>();
  const change = useCallback(
    (part: Partial<FindQuery>) => setParameters((old) => writeFindQuery(old, part), { replace: true }),
    [setParameters],
  );
  const [restingView] = useDebouncedValue(view, kRestMs);
  const [restingText] = useDebouncedValue(query.text.trim(), kRestMs);
  const span = spanOf(query.during, restingView, Date.now() * 1000);
  const sightings = useSightings(query.place, query.vehicle, span);
  const texts = useMarks({ span, text: restingText, vehicle: query.vehicle }, restingText !== '');
  const marks: readonly Mark[] = useMemo(() => {
    if (restingText === '' || !texts.data) return [];
    const { events, bookmarks } = texts.data;
    return marksOf(events, bookmarks, names)
      .filter((mark) => touches(mark, span))
      .reverse();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- The span changes with the query.
  }, [texts.data, restingText, names]);

  const setPlace = useCallback(
    (place: Place | undefined) => {
      setDrawing(undefined);
      change({ place });
    },
    [change],
  );
  /** For keys: true when there was something to do. */
  const drawingKey = (key: string): boolean => {
    if (!drawing) return false;
    const place = finished(drawing);
    if (key === 'Escape') setDrawing(undefined);
    else if (key === 'Backspace') setDrawing(withoutLast(drawing));
    else if (place) setPlace(place);
    return true;
  };
  return {
    query,
    change,
    drawing,
    setDrawing,
    draw: (type: Place['type']) => setDrawing(beginning(type)),
    setPlace,
    drawingKey,
    sightings,
    texts,
    marks,
  };
}

export type Find = ReturnType<typeof useFind>;
