// Live: the vehicles, the selected one's picture and map, its numbers, its control; or the wall.
import { SegmentedControl } from '@mantine/core';
import { useCallback, useState } from 'react';
import { useSearchParams } from 'react-router';

import type { CommandName, KindVehicle, User } from '../api/types';
import { cameraNames, useVehicles } from '../api/vehicles';
import { changeHudSettings, hudSettings, nextCoordinateFormat } from '../hud/settings';
import { mayAct } from '../session/session';
import { KeyHelp } from '../shell/key_help';
import { useKeys, type KeyAction } from '../shell/keys';
import { StageNotice } from '../shell/stage_notice';
import { stepped } from '../shell/stepped';
import { FirstRun } from '../vehicles/first_run';
import { VehicleDrawer } from '../vehicles/vehicle_drawer';
import { useConnections } from './connections';
import { ControlPanel } from '../control/control_panel';
import type { Opened } from '../control/control_sheet';
import { leaseKey } from '../control/lease_words';
import './live.css';
import { toggleSound } from './sound';
import { Stage, type Large } from './stage';
import { TelemetryPanel } from './telemetry_panel';
import { VehicleList } from './vehicle_list';
import { kWallSizes, Wall, type WallSize } from './wall';

const kDigits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Selection and view live in the address, so that a reload and a second screen show the same. */
function useSelection(vehicles: readonly KindVehicle[]) {
  const [parameters, setParameters] = useSearchParams();
  const wall = kWallSizes.find((size) => String(size) === parameters.get('wall'));
  const large: Large = parameters.get('large') === 'map' ? 'map' : 'video';
  const vehicle = vehicles.find(({ id }) => id === parameters.get('vehicle'));
  const cameras = vehicle ? cameraNames(vehicle) : [];
  const camera = cameras.find((name) => name === parameters.get('camera')) ?? cameras[0];
  const change = useCallback(
    (changes: Readonly<Record<string, string | undefined>>) =>
      setParameters(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [key, value] of Object.entries(changes)) {
            if (value === undefined) next.delete(key);
            else next.set(key, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParameters],
  );
  return { wall, large, vehicle, camera, cameras, change };
}

export function LivePage({ user }: { user: User }) {
  const query = useVehicles();
  const vehicles = query.data ?? [];
  const { wall, large, vehicle, camera, cameras, change } = useSelection(vehicles);
  const [follow, setFollow] = useState(true);
  const [opened, setOpened] = useState<Opened>();
  const [help, setHelp] = useState(false);
  const [edited, setEdited] = useState<KindVehicle | 'new'>();
  const mayEdit = mayAct(user.role, 'admin');

  const select = (id: string | undefined) => {
    setOpened(undefined);
    if (id !== undefined) change({ vehicle: id, camera: undefined });
  };
  const { control } = useConnections();
  const mayControl = mayAct(user.role, 'operator');
  const ask = (name: CommandName) => {
    if (vehicle && mayControl) setOpened({ show: 'confirm', name });
  };
  const takeOrRelease = () => {
    if (!vehicle || !mayControl) return;
    const { lease } = control.lease(vehicle.id, 'vehicle');
    control.act(vehicle.id, 'vehicle', { action: leaseKey(lease, user.name) });
  };
  const setWall = (size: WallSize | undefined) => change({ wall: size && String(size) });
  const actions: KeyAction[] = [
    { keys: ['?'], shown: '?', what: 'These keys', act: () => setHelp(true) },
    {
      keys: ['ArrowDown', 'j'],
      shown: '↓ J',
      what: 'Next vehicle',
      act: () => select(stepped(vehicles, vehicle, 1)?.id),
    },
    {
      keys: ['ArrowUp', 'k'],
      shown: '↑ K',
      what: 'Previous vehicle',
      act: () => select(stepped(vehicles, vehicle, -1)?.id),
    },
    {
      keys: kDigits,
      shown: '1 … 9',
      what: 'Vehicle by its place in the list',
      act: (key) => select(vehicles[Number(key) - 1]?.id),
    },
    {
      keys: ['v'],
      shown: 'V',
      what: 'Swap video and map',
      act: () => change({ large: large === 'video' ? 'map' : undefined }),
    },
    {
      keys: ['c'],
      shown: 'C',
      what: 'Next camera',
      act: () =>
        change({
          camera: stepped(cameras, camera, 1),
        }),
    },
    { keys: ['w'], shown: 'W', what: 'Wall: 1, 4, 9 cameras, off', act: () => setWall(nextWall(wall)) },
    { keys: ['f'], shown: 'F', what: 'Map follows the vehicle', act: () => setFollow((old) => !old) },
    {
      keys: ['u'],
      shown: 'U',
      what: 'Head-up display on or off',
      act: () => changeHudSettings({ on: !hudSettings().on }),
    },
    { keys: ['g'], shown: 'G', what: 'Coordinates: decimal, DMS, MGRS', act: nextCoordinateFormat },
    { keys: ['m'], shown: 'M', what: 'Sound on or off, of a camera that has some', act: toggleSound },
    { keys: ['h'], shown: 'H', what: 'Hold, then Enter', act: () => ask('hold') },
    { keys: ['r'], shown: 'R', what: 'Return, then Enter', act: () => ask('return') },
    { keys: ['t'], shown: 'T', what: 'Take control of the vehicle, or release it', act: takeOrRelease },
    {
      keys: ['Escape'],
      shown: 'Esc',
      what: 'Cancel; leave the wall; all vehicles',
      act: () =>
        opened
          ? setOpened(undefined)
          : wall
            ? setWall(undefined)
            : change({ vehicle: undefined, camera: undefined }),
    },
  ];
  useKeys(actions);

  if (query.isPending) return <div className="live live-loading" aria-busy aria-label="Loading vehicles" />;
  if (query.isError && !query.data) {
    return (
      <StageNotice level="alarm" title="The vehicles cannot be read">
        {query.error.message} Trying again by itself.
      </StageNotice>
    );
  }
  return (
    <>
      {vehicles.length > 0 ? (
        <div className="live" data-wall={wall}>
          <VehicleList
            vehicles={vehicles}
            selected={vehicle?.id}
            mayEdit={mayEdit}
            onSelect={select}
            onEdit={setEdited}
            onAdd={() => setEdited('new')}
          />
          {wall ? (
            <Wall
              vehicles={vehicles}
              size={wall}
              selected={vehicle?.id}
              onSelect={(id) => id !== vehicle?.id && select(id)}
              onOpen={(id, name) => change({ vehicle: id, camera: name, wall: undefined, large: undefined })}
            />
          ) : (
            <Stage
              user={user}
              vehicles={vehicles}
              vehicle={vehicle}
              camera={camera}
              large={large}
              follow={follow}
              onSwap={() => change({ large: large === 'video' ? 'map' : undefined })}
              onFollow={setFollow}
              onSelect={select}
              onCamera={(name) => change({ camera: name })}
              onOpen={setOpened}
            />
          )}
          <aside className="panel" aria-label={vehicle?.name ?? 'No vehicle chosen'}>
            <header className="panel-head">
              <h2>{vehicle?.name ?? 'All vehicles'}</h2>
              <span className="dim">{vehicle?.kind}</span>
              <SegmentedControl
                size="xs"
                aria-label="View"
                data={[
                  { value: '0', label: 'Split' },
                  ...kWallSizes.map((size) => ({ value: String(size), label: `${size}` })),
                ]}
                value={String(wall ?? 0)}
                onChange={(value) => setWall(kWallSizes.find((size) => String(size) === value))}
              />
            </header>
            {vehicle ? (
              <>
                <TelemetryPanel vehicle={vehicle} />
                <ControlPanel vehicle={vehicle} user={user} opened={opened} onOpen={setOpened} />
              </>
            ) : (
              <p className="panel-empty">
                Choose a vehicle in the list, on the map, or by its number <kbd>1</kbd>… <kbd>?</kbd> shows
                all keys.
              </p>
            )}
          </aside>
        </div>
      ) : (
        <FirstRun mayAdd={mayEdit} onAdd={() => setEdited('new')} />
      )}
      <KeyHelp opened={help} onClose={() => setHelp(false)} actions={actions} />
      {edited && (
        <VehicleDrawer vehicle={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </>
  );
}

function nextWall(wall: WallSize | undefined): WallSize | undefined {
  return wall === undefined ? kWallSizes[0] : kWallSizes[kWallSizes.indexOf(wall) + 1];
}
