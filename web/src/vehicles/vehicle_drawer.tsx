// Add, change or remove a vehicle.
import { Alert, Button, Drawer, Group, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import type { Kind, KindVehicle } from '../api/types';
import { usePipelines, useVehicleChange, useVehicles } from '../api/vehicles';
import { AddIcon } from '../shell/icons';
import { CameraFields } from './camera_fields';
import { draftErrors, draftOf, idFrom, newCamera, vehicleOf, type VehicleDraft } from './vehicle_draft';

const kExample: Record<Kind, string> = {
  drone: 'mavlink+udp://0.0.0.0:14550',
  vessel: 'nmea+tcp://192.0.2.7:10110',
};

interface DrawerProps {
  /** Undefined: a new one. */
  vehicle: KindVehicle | undefined;
  onClose: () => void;
}

function LinkFields({
  draft,
  errors,
  change,
}: {
  draft: VehicleDraft;
  errors: Readonly<Record<string, string>>;
  change: (part: Partial<VehicleDraft>) => void;
}) {
  return (
    <>
      <TextInput
        label="Telemetry link"
        description="Where the vehicle speaks, or is to be reached."
        placeholder={kExample[draft.kind]}
        value={draft.linkUri}
        error={errors['linkUri']}
        onChange={(event) => change({ linkUri: event.currentTarget.value })}
      />
      <TextInput
        label="Address on the link"
        description="MAVLink system id, MMSI or “own”. Empty: the first who speaks."
        maxLength={64}
        value={draft.linkAddress}
        onChange={(event) => change({ linkAddress: event.currentTarget.value })}
      />
      <TextInput
        label="Command link"
        description="Only where the telemetry link cannot carry commands, such as NMEA 0183. Empty: the telemetry link."
        value={draft.controlUri}
        error={errors['controlUri']}
        onChange={(event) => change({ controlUri: event.currentTarget.value })}
      />
      {draft.controlUri !== '' && (
        <TextInput
          label="Address on the command link"
          maxLength={64}
          value={draft.controlAddress}
          onChange={(event) => change({ controlAddress: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function RemoveButton({
  vehicle,
  onRemove,
  pending,
}: {
  vehicle: KindVehicle;
  onRemove: () => void;
  pending: boolean;
}) {
  const [asked, setAsked] = useState(false);
  if (!asked) {
    return (
      <Button variant="subtle" color="red" onClick={() => setAsked(true)}>
        Remove…
      </Button>
    );
  }
  return (
    <Button color="red" autoFocus loading={pending} onClick={onRemove} onBlur={() => setAsked(false)}>
      Remove {vehicle.name}, keep its history
    </Button>
  );
}

export function VehicleDrawer({ vehicle, onClose }: DrawerProps) {
  const vehicles = useVehicles();
  const pipelines = usePipelines(true);
  const changing = useVehicleChange();
  const [draft, setDraft] = useState(() => draftOf(vehicle));
  const [tried, setTried] = useState(false);

  const infos = pipelines.data ?? [];
  const taken = new Set((vehicles.data ?? []).map(({ id }) => id).filter((id) => id !== vehicle?.id));
  const errors = draftErrors(draft, infos, taken);
  const shownErrors = tried ? errors : {};
  const change = (part: Partial<VehicleDraft>) => setDraft((old) => ({ ...old, ...part }));

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(errors).length > 0) return;
    const action = vehicle ? 'put' : 'add';
    changing.mutate({ action, kind: draft.kind, vehicle: vehicleOf(draft, infos) }, { onSuccess: onClose });
  };
  const remove = () => {
    if (vehicle)
      changing.mutate({ action: 'delete', kind: vehicle.kind, id: vehicle.id }, { onSuccess: onClose });
  };
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={vehicle ? `Settings of ${vehicle.name}` : 'Add a vehicle'}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <SegmentedControl
            aria-label="Kind"
            disabled={vehicle !== undefined}
            data={[
              { value: 'drone', label: 'Drone' },
              { value: 'vessel', label: 'Vessel' },
            ]}
            value={draft.kind}
            onChange={(kind) => change({ kind: kind as Kind })}
          />
          <TextInput
            label="Name"
            required
            data-autofocus
            maxLength={64}
            value={draft.name}
            error={shownErrors['name']}
            onChange={(event) => {
              const name = event.currentTarget.value;
              const idFollows = !vehicle && draft.id === idFrom(draft.name);
              change(idFollows ? { name, id: idFrom(name) } : { name });
            }}
          />
          <TextInput
            label="Id"
            description="Names the vehicle in addresses and records; it cannot be changed later."
            required
            disabled={vehicle !== undefined}
            maxLength={63}
            value={draft.id}
            error={shownErrors['id']}
            onChange={(event) => change({ id: event.currentTarget.value })}
          />
          <LinkFields draft={draft} errors={shownErrors} change={change} />
          {draft.cameras.map((camera, index) => (
            <CameraFields
              key={camera.key}
              camera={camera}
              pipelines={infos}
              errorOf={(field) => shownErrors[`cameras.${index}.${field}`]}
              onChange={(changed) =>
                change({ cameras: draft.cameras.map((old) => (old.key === camera.key ? changed : old)) })
              }
              onRemove={() => change({ cameras: draft.cameras.filter(({ key }) => key !== camera.key) })}
            />
          ))}
          <Button
            variant="subtle"
            color="gray"
            leftSection={<AddIcon />}
            disabled={draft.cameras.length >= 16}
            onClick={() => change({ cameras: [...draft.cameras, newCamera(draft.cameras)] })}
          >
            Add a camera
          </Button>
          {pipelines.isError && (
            <Alert color="red" variant="outline">
              The pipelines cannot be read: {pipelines.error.message}
            </Alert>
          )}
          {changing.isError && (
            <Alert color="red" variant="outline" role="alert">
              {changing.error.message}
            </Alert>
          )}
          <Group justify="space-between">
            <Button type="submit" loading={changing.isPending}>
              {vehicle ? 'Save and restart its worker' : 'Add'}
            </Button>
            {vehicle && <RemoveButton vehicle={vehicle} onRemove={remove} pending={changing.isPending} />}
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}
