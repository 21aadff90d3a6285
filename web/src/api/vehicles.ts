// The configured vehicles and pipelines: queries and changes.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { get, request } from './client';
import type { Kind, KindVehicle, PipelineInfo, Telemetry, Vehicle } from './types';

const kCollection: Record<Kind, string> = { drone: '/api/drones', vessel: '/api/vessels' };

export const kVehiclesKey = ['vehicles'];

async function listVehicles({ signal }: { signal: AbortSignal }): Promise<KindVehicle[]> {
  const kinds: Kind[] = ['drone', 'vessel'];
  const lists = await Promise.all(
    kinds.map(async (kind) =>
      (await get<Vehicle[]>(kCollection[kind], signal)).map((vehicle) => ({ ...vehicle, kind })),
    ),
  );
  return lists.flat();
}

/** By which its cameras are watched: one that is set up may be several. */
export const cameraNames = ({ cameras }: Pick<Vehicle, 'cameras'>): string[] =>
  (cameras ?? []).flatMap(({ name, parts }) => parts ?? [name]);

/** All vehicles: drones, then vessels, each by id. */
export function useVehicles() {
  return useQuery({ queryKey: kVehiclesKey, queryFn: listVehicles, staleTime: 30_000 });
}

export function usePipelines(enabled: boolean) {
  return useQuery({
    queryKey: ['pipelines'],
    queryFn: ({ signal }) => get<PipelineInfo[]>('/api/pipelines', signal),
    enabled,
  });
}

export type VehicleChange =
  | { action: 'add'; kind: Kind; vehicle: Vehicle }
  | { action: 'put'; kind: Kind; vehicle: Vehicle }
  | { action: 'delete'; kind: Kind; id: string };

export function changeVehicle(change: VehicleChange): Promise<unknown> {
  const collection = kCollection[change.kind];
  switch (change.action) {
    case 'add':
      return request('POST', collection, change.vehicle);
    case 'put':
      return request('PUT', `${collection}/${change.vehicle.id}`, change.vehicle);
    case 'delete':
      return request('DELETE', `${collection}/${change.id}`);
  }
}

export function useVehicleChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: changeVehicle,
    onSettled: () => queries.invalidateQueries({ queryKey: kVehiclesKey }),
  });
}

/** Samples of [fromUs, toUs), oldest first, thinned evenly to `limit`. */
export function telemetryHistory(
  kind: Kind,
  id: string,
  fromUs: number,
  toUs: number,
  limit: number,
  signal: AbortSignal,
): Promise<Telemetry[]> {
  return get(`${kCollection[kind]}/${id}/telemetry?from=${fromUs}&to=${toUs}&limit=${limit}`, signal);
}
