// How full the disk for recordings is, and what is not recorded, in words.
import { useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import type { Disk } from '../api/types';
import type { Level } from '../shell/icons';
import { bytesText } from './operations_api';

const kEveryMs = 30_000;
/** From when on the server warns, too. */
const kWarnDays = 3;

export function useDisk() {
  return useQuery({
    queryKey: ['disk'],
    queryFn: ({ signal }) => get<Disk>('/api/disk', signal),
    refetchInterval: kEveryMs,
    staleTime: kEveryMs,
  });
}

export interface DiskState {
  level: Level;
  text: string;
  detail: string;
}

export function diskState({ free_bytes, total_bytes, days_until_full }: Disk): DiskState {
  const detail = `${bytesText(free_bytes)} of ${bytesText(total_bytes)} are free on the disk for recordings.`;
  if (days_until_full === undefined) return { level: 'ok', text: `${bytesText(free_bytes)} free`, detail };
  const oldest = ' Then the oldest recordings that nobody protected are removed.';
  if (days_until_full < 1)
    return { level: 'caution', text: 'disk full within a day', detail: detail + oldest };
  const days = Math.floor(days_until_full);
  const text = `disk full in ${days} ${days === 1 ? 'day' : 'days'}`;
  return { level: days_until_full < kWarnDays ? 'caution' : 'ok', text, detail: detail + oldest };
}

/** Why a camera is not recorded, if it should be. */
export const failureOf = (disk: Disk | undefined, vehicle: string, camera: string): string | undefined =>
  disk?.failing.find((one) => one.vehicle === vehicle && one.camera === camera)?.detail;
