// The geofences by name: which count, for whom, and for supervisors to switch off or remove.
import { Button, Switch } from '@mantine/core';
import { useState } from 'react';

import type { Geofence, KindVehicle } from '../api/types';
import { fenceLabel } from '../map/draw_fences';
import { useFenceChange, useGeofences } from './alerts_api';

interface ItemProps {
  fence: Geofence;
  whose: string;
  mayChange: boolean;
}

function FenceItem({ fence, whose, mayChange }: ItemProps) {
  const change = useFenceChange();
  const [sure, setSure] = useState(false);
  const kind = fence.rule === 'keep_in' ? 'keep in' : 'keep out';
  return (
    <li className="fence-item">
      <Switch
        label={fenceLabel(fence)}
        description={`${kind} · ${whose}`}
        checked={fence.enabled}
        disabled={!mayChange || change.isPending}
        onChange={(event) => change.mutate({ fence, enabled: event.currentTarget.checked })}
      />
      {mayChange && (
        <Button
          size="xs"
          variant="default"
          loading={change.isPending}
          onBlur={() => setSure(false)}
          onClick={() => (sure ? change.mutate({ fence, enabled: undefined }) : setSure(true))}
        >
          {sure ? `Remove ${fence.name}` : 'Remove…'}
        </Button>
      )}
      {change.isError && (
        <p className="reason" role="alert">
          {change.error.message}
        </p>
      )}
    </li>
  );
}

interface ListProps {
  vehicles: readonly KindVehicle[];
  mayChange: boolean;
}

export function FenceList({ vehicles, mayChange }: ListProps) {
  const fences = useGeofences();
  if (fences.length === 0) return <p className="dim">There is none.</p>;
  return (
    <ul className="alert-list" aria-label="Geofences">
      {fences.map((fence) => (
        <FenceItem
          key={fence.id}
          fence={fence}
          whose={vehicles.find(({ id }) => id === fence.vehicle)?.name ?? fence.vehicle ?? 'whole fleet'}
          mayChange={mayChange}
        />
      ))}
    </ul>
  );
}
