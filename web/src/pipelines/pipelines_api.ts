// Pipeline files, their versions, what runs of them: queries and changes.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { get, request } from '../api/client';
import type { CameraGraph, Kind, Pipeline, PipelineCheck, PipelineVersion } from '../api/types';

const kKey = 'pipelines';
const route = (name: string, part = '') => `/api/pipelines/${encodeURIComponent(name)}${part}`;

/** Lines end as the editor ends them, or every line of a file from elsewhere would look changed. */
export const withLineFeeds = <T extends { text: string }>(texted: T): T =>
  texted.text.includes('\r') ? { ...texted, text: texted.text.replace(/\r\n?/g, '\n') } : texted;

const allWithLineFeeds = (versions: PipelineVersion[]) => versions.map(withLineFeeds);

/** Undefined name: nothing is asked. */
export function usePipeline(name: string | undefined) {
  return useQuery({
    queryKey: [kKey, name],
    queryFn: ({ signal }) => get<Pipeline>(route(name ?? ''), signal),
    select: withLineFeeds<Pipeline>,
    enabled: name !== undefined,
  });
}

/** Newest first. */
export function useVersions(name: string | undefined) {
  return useQuery({
    queryKey: [kKey, name, 'versions'],
    queryFn: ({ signal }) => get<PipelineVersion[]>(route(name ?? '', '/versions'), signal),
    select: allWithLineFeeds,
    enabled: name !== undefined,
  });
}

const kRecheckMs = 3000;

/** The verdict on a text, with the text that it is on: the newest text wins, older answers are dropped. */
export function useCheck(name: string, text: string) {
  return useQuery({
    queryKey: [kKey, name, 'check', text],
    queryFn: async ({ signal }) => ({
      text,
      ...(await request<PipelineCheck>('POST', route(name, '/check'), { text }, signal)),
    }),
    placeholderData: keepPreviousData,
    gcTime: 10_000,
    retry: false,
    // A server that was away is asked again; until then the text counts as not checked.
    refetchInterval: ({ state }) => state.status === 'error' && kRecheckMs,
  });
}

export type PipelineChange =
  | { action: 'apply'; name: string; text: string; base: number }
  | { action: 'rollback'; name: string; version: number; base: number };

function changePipeline(change: PipelineChange): Promise<Pipeline> {
  const { name, base } = change;
  return change.action === 'apply'
    ? request('PUT', route(name), { text: change.text, base })
    : request('POST', route(name, '/rollback'), { version: change.version, base });
}

export function usePipelineChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: changePipeline,
    onSuccess: (pipeline) => queries.setQueryData([kKey, pipeline.name], pipeline),
    onSettled: () => queries.invalidateQueries({ queryKey: [kKey] }),
  });
}

const vehicleRoute = (kind: Kind, id: string) => `/api/${kind}s/${id}`;

const kGraphMs = 1000;
const kLogMs = 2000;

/** Asked for once a second; not while nobody looks, which TanStack Query sees to. */
export function useGraph(camera: { kind: Kind; vehicle: string; camera: string } | undefined) {
  return useQuery({
    queryKey: ['graph', camera?.vehicle, camera?.camera],
    queryFn: ({ signal }) =>
      get<CameraGraph>(
        `${vehicleRoute(camera?.kind ?? 'drone', camera?.vehicle ?? '')}/cameras/${camera?.camera ?? ''}/graph`,
        signal,
      ),
    enabled: camera !== undefined,
    refetchInterval: kGraphMs,
    gcTime: 0,
    retry: false,
  });
}

/** Oldest line first. */
export function useWorkerLog(kind: Kind, vehicle: string) {
  return useQuery({
    queryKey: ['log', vehicle],
    queryFn: ({ signal }) => get<string[]>(`${vehicleRoute(kind, vehicle)}/log`, signal),
    refetchInterval: kLogMs,
    retry: false,
  });
}
