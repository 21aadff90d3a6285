// What `may_command` decides by, as it is now.
import type { User } from '../api/types';
import { useControlConnected, useLease } from '../live/connections';
import type { Standing } from './may_command';

export function useStanding(vehicle: string, user: User): Standing {
  const connected = useControlConnected();
  const leases = { vehicle: useLease(vehicle, 'vehicle'), payload: useLease(vehicle, 'payload') };
  return { user: user.name, role: user.role, connected, leases };
}
