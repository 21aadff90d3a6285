// All vehicles at a glance: name, kind, energy or speed, link state in shape and word, age.
import { ActionIcon, Button } from '@mantine/core';
import { useEffect, useRef } from 'react';

import type { KindVehicle } from '../api/types';
import { speed } from '../hud/format';
import { AddIcon, DroneIcon, EditIcon, StateMark, VesselIcon } from '../shell/icons';
import { useLiveVehicle, useServerNow, useTelemetryState } from './connections';
import { formatAge, freshness, kStaleMs, youngTelemetry } from './freshness';
import { linkState } from './vehicle_state';

interface ItemProps {
  vehicle: KindVehicle;
  selected: boolean;
  onSelect: () => void;
  onEdit: (() => void) | undefined;
}

function VehicleItem({ vehicle, selected, onSelect, onEdit }: ItemProps) {
  const live = useLiveVehicle(vehicle.id);
  const socket = useTelemetryState();
  const nowUs = useServerNow(1000);
  const item = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  const link = linkState(live, socket, nowUs);
  const ageMs = live?.received === undefined ? undefined : (nowUs - live.received) / 1000;
  const fresh = freshness(ageMs);
  const telemetry = live && youngTelemetry(live, nowUs, kStaleMs);
  const battery = telemetry?.battery_percent;
  const numbers = [
    battery === undefined ? undefined : `${Math.round(battery)}%`,
    telemetry?.ground_speed_mps === undefined ? undefined : speed(telemetry.ground_speed_mps, vehicle.kind),
    telemetry?.mode,
  ].filter((part) => part !== undefined);
  return (
    <div
      ref={item}
      className="list-item vehicle"
      data-selected={selected || undefined}
      data-freshness={fresh}
    >
      <button
        type="button"
        className="list-button vehicle-button"
        aria-current={selected || undefined}
        aria-label={`${vehicle.name}, ${vehicle.kind}, ${link.word}${numbers.length > 0 ? `, ${numbers.join(', ')}` : ''}`}
        onClick={onSelect}
      >
        <span className="vehicle-kind" title={vehicle.kind}>
          {vehicle.kind === 'drone' ? <DroneIcon /> : <VesselIcon />}
        </span>
        <span className="vehicle-name">{vehicle.name}</span>
        <span className="vehicle-age">{ageMs === undefined ? '—' : formatAge(ageMs)}</span>
        <span className="vehicle-state" data-level={link.level} title={link.detail}>
          <StateMark level={link.level} /> {link.word}
        </span>
        <span className="vehicle-numbers">{numbers.length > 0 ? numbers.join(' · ') : '—'}</span>
      </button>
      {onEdit && (
        <ActionIcon
          className="vehicle-edit"
          size={32}
          variant="subtle"
          color="gray"
          aria-label={`Settings of ${vehicle.name}`}
          onClick={onEdit}
        >
          <EditIcon />
        </ActionIcon>
      )}
    </div>
  );
}

export interface VehicleListProps {
  vehicles: readonly KindVehicle[];
  selected: string | undefined;
  mayEdit: boolean;
  onSelect: (id: string) => void;
  onEdit: (vehicle: KindVehicle) => void;
  onAdd: () => void;
}

export function VehicleList({ vehicles, selected, mayEdit, onSelect, onEdit, onAdd }: VehicleListProps) {
  return (
    <section className="vehicles" aria-label="Vehicles">
      <h2>Vehicles</h2>
      <div className="vehicles-items">
        {vehicles.map((vehicle) => (
          <VehicleItem
            key={vehicle.id}
            vehicle={vehicle}
            selected={vehicle.id === selected}
            onSelect={() => onSelect(vehicle.id)}
            onEdit={mayEdit ? () => onEdit(vehicle) : undefined}
          />
        ))}
      </div>
      {mayEdit && (
        <Button variant="subtle" color="gray" justify="flex-start" leftSection={<AddIcon />} onClick={onAdd}>
          Add a vehicle
        </Button>
      )}
    </section>
  );
}
