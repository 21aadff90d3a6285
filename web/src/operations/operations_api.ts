// Exports and imports: what the server does, and what it is asked to do.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { get, request } from '../api/client';
import type { ExportContent, ExportRequest, Operation } from '../api/types';
import type { Span } from '../replay/replay_state';

export const kOperationsKey = ['operations'];

export const isOpen = ({ state }: Operation) => state === 'queued' || state === 'running';

const kBusyMs = 1000;
const kQuietMs = 15_000;

/** Newest first. */
export function useOperations() {
  return useQuery({
    queryKey: kOperationsKey,
    queryFn: ({ signal }) => get<Operation[]>('/api/operations', signal),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? kBusyMs : kQuietMs),
  });
}

export function useExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: ExportRequest) => request<Operation>('POST', '/api/exports', wanted),
    onSettled: () => queries.invalidateQueries({ queryKey: kOperationsKey }),
  });
}

/** Cancels one that is open; removes one that has ended, with its files. */
export function useEnding() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<undefined>('DELETE', `/api/operations/${encodeURIComponent(id)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: kOperationsKey }),
  });
}

export const fileAddress = (operation: string, file: string) =>
  `/api/exports/${encodeURIComponent(operation)}/${encodeURIComponent(file)}`;

export const kContents: Record<ExportContent, string> = {
  ts: 'Video with KLV as recorded (TS)',
  mp4: 'Video alone (MP4)',
  klv_json: 'Metadata of each frame (JSON lines)',
  klv_csv: 'Metadata of each frame (CSV)',
  kml: 'Track and footprints (KML)',
  gpx: 'Track (GPX)',
  geojson: 'Track and footprints (GeoJSON)',
  events: 'Events, commands, bookmarks (JSON)',
};

export interface ExportDraft {
  vehicle: string;
  camera: string;
  fromUs: number | undefined;
  toUs: number | undefined;
  contents: readonly ExportContent[];
  package: boolean;
  note: string;
}

const kLongestUs = 86_400e6;
const kAroundUs = 30e6;

/** What a new export is of: the marked range, else half a minute around the picture. `trimUs`: as in ReplayPlayer. */
export function newExport(
  camera: { vehicle: string; camera: string },
  range: Span | undefined,
  shownUs: number,
  trimUs: number,
): ExportDraft {
  const span = range ?? { fromUs: shownUs - kAroundUs, toUs: shownUs + kAroundUs };
  return {
    vehicle: camera.vehicle,
    camera: camera.camera,
    // The server knows the camera's own capture times.
    fromUs: Math.floor(span.fromUs - trimUs),
    toUs: Math.ceil(span.toUs - trimUs),
    contents: ['ts', 'klv_json', 'geojson', 'events'],
    package: true,
    note: '',
  };
}

/** The request, or in words what is wrong. */
export function exportOf(draft: ExportDraft): ExportRequest | string {
  const { fromUs, toUs, contents } = draft;
  if (fromUs === undefined || toUs === undefined) return 'When it begins and ends must be UTC times.';
  if (toUs <= fromUs) return 'It must end after it begins.';
  if (toUs - fromUs > kLongestUs) return 'One export holds at most 24 hours.';
  if (contents.length === 0) return 'Choose at least one thing to export.';
  return {
    vehicle: draft.vehicle,
    camera: draft.camera,
    from: fromUs,
    to: toUs,
    contents: (Object.keys(kContents) as ExportContent[]).filter((content) => contents.includes(content)),
    package: draft.package,
    note: draft.note.trim(),
  };
}

const kUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** "12.3 MB". */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < kUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${kUnits[unit]}`;
}
