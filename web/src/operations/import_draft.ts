// An import before it is sent: what of it is wrong, and what the server is asked.
import type { ImportLog, Operation } from '../api/types';
import { upload } from './upload';

export interface ImportDraft {
  file: File | undefined;
  log: File | undefined;
  vehicle: string;
  camera: string;
  /** Undefined: the file or its log must tell. */
  beginUs: number | undefined;
  /** Something stands in the field, whether it is an instant or not. */
  hasBegin: boolean;
}

const kId = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** By field, in words. */
export function importErrors(
  draft: ImportDraft,
): Partial<Record<'file' | 'vehicle' | 'camera' | 'begin', string>> {
  const idRule = 'Small letters, digits and hyphens.';
  return {
    ...(!draft.file && { file: 'Choose a TS or MP4 file.' }),
    ...(draft.file?.size === 0 && { file: 'The file is empty.' }),
    ...(!kId.test(draft.vehicle) && { vehicle: idRule }),
    ...(!kId.test(draft.camera) && { camera: idRule }),
    ...(draft.hasBegin && draft.beginUs === undefined && { begin: 'This is no UTC time.' }),
  };
}

export function importAddress(draft: ImportDraft, name: string, log: string | undefined): string {
  const query = new URLSearchParams({ vehicle: draft.vehicle, camera: draft.camera, name });
  if (draft.beginUs !== undefined) query.set('begin', String(Math.floor(draft.beginUs)));
  if (log !== undefined) query.set('log', log);
  return `/api/imports?${query.toString()}`;
}

const kLongestName = 255;
const nameOf = ({ name }: File) => name.slice(-kLongestName);

/** Sends the log, then the video. Throws ApiError, or AbortError. */
export async function sendImport(
  draft: ImportDraft & { file: File },
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Operation> {
  const { file, log } = draft;
  const logAddress = log && `/api/imports/logs?${new URLSearchParams({ name: nameOf(log) }).toString()}`;
  const taken =
    log && logAddress ? await upload<ImportLog>(logAddress, log, () => undefined, signal) : undefined;
  return upload<Operation>(importAddress(draft, nameOf(file), taken?.log), file, onProgress, signal);
}
