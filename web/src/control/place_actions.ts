// What can be done at a place of the map: the forms of commands, filled in as far as the place and the vehicle say.
import type { CommandName, Kind, KindVehicle, Telemetry, User } from '../api/types';
import type { Point } from '../klv/frame_values';
import type { PlaceAction } from '../map/place_menu';
import type { Draft } from './command_parameters';
import { useConnections } from '../live/connections';
import type { Opened } from './control_sheet';
import { kStaleMs, youngTelemetry } from '../live/freshness';
import { rowOf, whyNot } from './may_command';
import { useStanding } from './use_standing';

const kPlaceDigits = 6;
const metres = (value: number | undefined): string => value?.toFixed(1) ?? '';

/** A vessel looks at the sea's level, a drone at that of the ground below it. */
function groundMsl(kind: Kind, { altitude_msl_m: msl, altitude_agl_m: agl }: Telemetry): number | undefined {
  if (kind === 'vessel') return 0;
  return msl === undefined || agl === undefined ? undefined : msl - agl;
}

/** What the form of a command to a place begins with; pure. */
export function prefillAt(place: Point, kind: Kind, telemetry: Telemetry = { time: 0 }): Draft {
  return {
    latitude_deg: place.latitude.toFixed(kPlaceDigits),
    longitude_deg: place.longitude.toFixed(kPlaceDigits),
    altitude_m: kind === 'drone' ? metres(telemetry.altitude_agl_m) : '',
    altitude_msl_m: metres(groundMsl(kind, telemetry)),
  };
}

const kActions: readonly (readonly [label: string, command: CommandName])[] = [
  ['Go to here', 'goto'],
  ['Look here', 'gimbal_location'],
];

/** None while no vehicle is chosen. */
export function usePlaceActions(
  vehicle: KindVehicle | undefined,
  user: User,
  onOpen: (opened: Opened) => void,
): readonly PlaceAction[] {
  const { live } = useConnections();
  const standing = useStanding(vehicle?.id ?? '', user);
  if (!vehicle) return [];
  return kActions.flatMap(([label, name]) => {
    const row = rowOf(name);
    if (!row?.kinds.includes(vehicle.kind)) return [];
    const act = (place: Point) => {
      const heard = live.vehicle(vehicle.id);
      const telemetry = heard && youngTelemetry(heard, live.clock.nowUs(), kStaleMs);
      onOpen({ show: 'command', name, prefill: prefillAt(place, vehicle.kind, telemetry) });
    };
    return [{ label: `${label}: ${vehicle.name}`, why: whyNot(row, standing), act }];
  });
}
