// Where something was seen: queries.
import { useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import type { Sightings } from '../api/types';
import type { Span } from '../replay/replay_state';
import { sightingsQuery, type Place } from './find_query';

export function useSightings(place: Place | undefined, vehicle: string | undefined, span: Span) {
  const asked = place && sightingsQuery(place, vehicle, span).toString();
  return useQuery({
    queryKey: ['sightings', asked],
    queryFn: ({ signal }) => get<Sightings>(`/api/recordings/sightings?${asked}`, signal),
    enabled: asked !== undefined,
    // What was found before stands until there is something else to show; without a place nothing does.
    placeholderData: (previous) => (asked === undefined ? undefined : previous),
    staleTime: 60_000,
    gcTime: 300_000,
  });
}
