// Alerts and geofences as the server has them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import { get, request } from '../api/client';
import type { Alert, Geofence } from '../api/types';
import { useConnections } from '../live/connections';

/** Those that are open, warnings first. */
export function useAlerts(): readonly Alert[] {
  const { live } = useConnections();
  return useSyncExternalStore(live.subscribeAlerts, () => live.alerts);
}

/** What an operator does about an alert; the server tells everybody what became of it. */
export function useAlertAction(id: string) {
  return useMutation({
    mutationFn: (snoozeMinutes: number | undefined) =>
      snoozeMinutes === undefined
        ? request<Alert>('POST', `/api/alerts/${id}/acknowledge`, {})
        : request<Alert>('POST', `/api/alerts/${id}/snooze`, { minutes: snoozeMinutes }),
  });
}

const kFencesKey = ['geofences'];

export function useGeofences(): readonly Geofence[] {
  const { live } = useConnections();
  const queries = useQueryClient();
  useEffect(
    () =>
      live.subscribeEvents((events) => {
        if (!events || events.some(({ subject }) => /^geofence(\/|$)/.test(subject)))
          void queries.invalidateQueries({ queryKey: kFencesKey });
      }),
    [live, queries],
  );
  const { data } = useQuery({
    queryKey: kFencesKey,
    queryFn: ({ signal }) => get<Geofence[]>('/api/geofences', signal),
    staleTime: Infinity,
  });
  return data ?? [];
}

/** Switches a fence on or off, or removes it; what it is stays as it was drawn. */
export function useFenceChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ fence, enabled }: { fence: Geofence; enabled: boolean | undefined }) => {
      const { id, ...edit } = fence;
      return enabled === undefined
        ? request<undefined>('DELETE', `/api/geofences/${id}`)
        : request<Geofence>('PUT', `/api/geofences/${id}`, { ...edit, enabled });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: kFencesKey }),
  });
}
