// The live wall: 1, 4 or 9 cameras, each with its own small head-up display.
import { useRef } from 'react';

import type { KindVehicle } from '../api/types';
import { cameraNames } from '../api/vehicles';
import { StateMark } from '../shell/icons';
import { useLiveVehicle, useTelemetryState, useServerNow } from './connections';
import { cameraState, linkState } from './vehicle_state';
import { useStream, VideoView } from './video_view';

export const kWallSizes = [1, 4, 9] as const;
export type WallSize = (typeof kWallSizes)[number];

export interface WallCamera {
  vehicle: KindVehicle;
  camera: string;
}

export function wallCameras(vehicles: readonly KindVehicle[]): WallCamera[] {
  return vehicles.flatMap((vehicle) => cameraNames(vehicle).map((camera) => ({ vehicle, camera })));
}

interface TileProps extends WallCamera {
  selected: boolean;
  onSelect: () => void;
  onOpen: () => void;
}

function Tile({ vehicle, camera, selected, onSelect, onOpen }: TileProps) {
  const stream = useStream(vehicle.id, camera);
  const live = useLiveVehicle(vehicle.id);
  const nowUs = useServerNow(1000);
  const link = linkState(live, useTelemetryState(), nowUs);
  const state = cameraState(live?.cameras[camera]?.state);
  const tile = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={tile}
      className="tile"
      tabIndex={0}
      role="button"
      aria-label={`${vehicle.name}, ${camera}: ${state.word}. Enter opens it.`}
      data-selected={selected || undefined}
      onFocus={onSelect}
      onDoubleClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.target !== tile.current) return;
        event.preventDefault();
        onOpen();
      }}
    >
      <header>
        <strong>{vehicle.name}</strong>
        <span className="dim">{camera}</span>
        <span className="tile-state" data-level={state.level}>
          <StateMark level={state.level} /> {state.word}
        </span>
        <span className="tile-state" data-level={link.level}>
          <StateMark level={link.level} /> {link.word}
        </span>
      </header>
      <div className="tile-picture">
        <VideoView vehicle={vehicle} camera={camera} stream={stream} />
      </div>
    </div>
  );
}

export interface WallProps {
  vehicles: readonly KindVehicle[];
  size: WallSize;
  selected: string | undefined;
  onSelect: (vehicle: string) => void;
  onOpen: (vehicle: string, camera: string) => void;
}

export function Wall({ vehicles, size, selected, onSelect, onOpen }: WallProps) {
  const all = wallCameras(vehicles);
  // One camera: the selected vehicle's first.
  const first = Math.max(0, size === 1 ? all.findIndex(({ vehicle }) => vehicle.id === selected) : 0);
  const shown = all.slice(first, first + size);
  const empty = Array.from({ length: size - shown.length }, (_, index) => index);
  return (
    <div className="wall" data-size={size}>
      {shown.map(({ vehicle, camera }) => (
        <Tile
          key={`${vehicle.id}/${camera}`}
          vehicle={vehicle}
          camera={camera}
          selected={vehicle.id === selected}
          onSelect={() => onSelect(vehicle.id)}
          onOpen={() => onOpen(vehicle.id, camera)}
        />
      ))}
      {empty.map((index) => (
        <div className="tile tile-empty" key={index}>
          {all.length > 0 ? 'no further camera' : 'no camera'}
        </div>
      ))}
      {all.length > first + size && (
        <p className="wall-more">{all.length - first - size} more cameras: choose a larger wall (W)</p>
      )}
    </div>
  );
}
