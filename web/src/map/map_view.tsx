// The map: basemap, vehicles, footprints, trails, AIS targets.
import { CloseButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';

import { useGeofences } from '../alerts/alerts_api';
import { telemetryHistory } from '../api/vehicles';
import type { KindVehicle } from '../api/types';
import { bearing, speed } from '../hud/format';
import type { FrameValues } from '../klv/frame_values';
import { useConnections } from '../live/connections';
import { formatAge } from '../live/freshness';
import { MapSurface } from './map_surface';
import { PlaceMenu, type PlaceAction, type PressedPlace } from './place_menu';
import { encounterText, gatherScene, type MapTarget } from './scene';
import { kTrailUs, pointOf, Trails } from './trails';

export interface MapViewProps {
  vehicles: readonly KindVehicle[];
  selected: string | undefined;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onSelect: (vehicle: string) => void;
  /** Values of the frame on the screen, if it is this vehicle's. */
  shownValues: (vehicle: string) => FrameValues | undefined;
  /** What can be done at a place; none: nothing. */
  placeActions: readonly PlaceAction[];
  /** An inset has no room for buttons. */
  small?: boolean;
}

const kHistoryPoints = 450;

/** Trails of all vehicles, begun with what the database knows. */
function useTrails(vehicles: readonly KindVehicle[]): Trails {
  const { live } = useConnections();
  const trails = useMemo(() => new Trails(), []);
  useEffect(
    () =>
      live.subscribeUpdates((changed) => {
        for (const id of changed) {
          const state = live.vehicle(id);
          const point = pointOf(state?.telemetry);
          if (!point || state?.received === undefined) continue;
          trails.add(id, point, state.received_fields?.latitude_deg ?? state.received);
        }
      }),
    [live, trails],
  );
  const key = vehicles.map(({ id }) => id).join();
  useQuery({
    queryKey: ['trails', key],
    enabled: key !== '',
    staleTime: Infinity,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      const toUs = Math.floor(live.clock.nowUs());
      const results = await Promise.allSettled(
        vehicles.map(async ({ kind, id }) => {
          const samples = await telemetryHistory(kind, id, toUs - kTrailUs, toUs, kHistoryPoints, signal);
          trails.addHistory(id, samples);
        }),
      );
      return results.length;
    },
  });
  return trails;
}

function TargetCard({ target, onClose }: { target: MapTarget; onClose: () => void }) {
  return (
    <div className="map-card" role="dialog" aria-label="AIS target">
      <header>
        <strong>{target.name ?? 'Name not known'}</strong>
        <CloseButton size="sm" onClick={onClose} aria-label="Close" />
      </header>
      <dl>
        <dt>MMSI</dt>
        <dd>{target.mmsi}</dd>
        <dt>SOG</dt>
        <dd>{speed(target.speedMps, 'vessel')}</dd>
        <dt>Heading</dt>
        <dd>{bearing(target.heading)}</dd>
        {target.encounter && (
          <>
            <dt>With {target.encounter.vehicle}</dt>
            <dd className="map-card-danger">▲ {encounterText(target.encounter)}</dd>
          </>
        )}
        <dt>Heard</dt>
        <dd>{target.lost ? `lost, ${formatAge(target.ageMs)} ago` : `${formatAge(target.ageMs)} ago`}</dd>
      </dl>
    </div>
  );
}

export function MapView(props: MapViewProps) {
  const { vehicles, selected, shownValues } = props;
  const { live } = useConnections();
  const trails = useTrails(vehicles);
  const fences = useGeofences();
  const [target, setTarget] = useState<MapTarget>();
  const [pressed, setPressed] = useState<PressedPlace>();
  const subscribe = useCallback(
    (changed: () => void) => {
      const unsubscribe = live.subscribeUpdates(changed);
      const ageing = setInterval(changed, 1000);
      return () => {
        clearInterval(ageing);
        unsubscribe();
      };
    },
    [live],
  );
  const names = new Map(vehicles.map(({ id, name }) => [id, name]));
  return (
    <>
      <MapSurface
        {...props}
        gather={() => ({ ...gatherScene({ live, trails, selected, names, shownValues }), fences })}
        subscribe={subscribe}
        onHit={(hit) => {
          if (hit?.type === 'vehicle') props.onSelect(hit.vehicle.id);
          setTarget(hit?.type === 'target' ? hit.target : undefined);
        }}
        onOther={(place, x, y) => setPressed({ place, x, y })}
      >
        {target && <TargetCard target={target} onClose={() => setTarget(undefined)} />}
      </MapSurface>
      {pressed && props.placeActions.length > 0 && (
        <PlaceMenu pressed={pressed} actions={props.placeActions} onClose={() => setPressed(undefined)} />
      )}
    </>
  );
}
