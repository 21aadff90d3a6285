// The map: basemap, vehicles, footprints, trails, AIS targets.
import { ActionIcon, CloseButton, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

import { telemetryHistory } from '../api/vehicles';
import type { KindVehicle } from '../api/types';
import { bearing, coordinates, speed } from '../hud/format';
import { useHudSettings } from '../hud/settings';
import type { FrameValues, Point } from '../klv/frame_values';
import { useConnections } from '../live/connections';
import { formatAge } from '../live/freshness';
import { CrosshairIcon, FitIcon } from '../shell/icons';
import { MapController } from './controller';
import './map.css';
import { gatherScene, type MapTarget } from './scene';
import { kTrailUs, pointOf, Trails } from './trails';

export interface MapViewProps {
  vehicles: readonly KindVehicle[];
  selected: string | undefined;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onSelect: (vehicle: string) => void;
  /** Values of the frame on the screen, if it is this vehicle's. */
  shownValues: (vehicle: string) => FrameValues | undefined;
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
        <dt>Heard</dt>
        <dd>{target.lost ? `lost, ${formatAge(target.ageMs)} ago` : `${formatAge(target.ageMs)} ago`}</dd>
      </dl>
    </div>
  );
}

export function MapView(props: MapViewProps) {
  const { vehicles, selected, follow, small } = props;
  const { live } = useConnections();
  const settings = useHudSettings();
  const trails = useTrails(vehicles);
  const container = useRef<HTMLDivElement>(null);
  const controller = useRef<MapController>(undefined);
  const [pointer, setPointer] = useState<Point>();
  const [target, setTarget] = useState<MapTarget>();
  const [failure, setFailure] = useState<string>();

  const newest = useRef(props);
  useEffect(() => {
    newest.current = props;
  });

  useEffect(() => {
    if (!container.current) return;
    const gather = () => {
      const { vehicles, selected, shownValues } = newest.current;
      const names = new Map(vehicles.map(({ id, name }) => [id, name]));
      return gatherScene({ live, trails, selected, names, shownValues });
    };
    try {
      controller.current = new MapController(container.current, {
        gather,
        onHit: (hit) => {
          if (hit?.type === 'vehicle') newest.current.onSelect(hit.vehicle.id);
          setTarget(hit?.type === 'target' ? hit.target : undefined);
        },
        onPointer: setPointer,
        onMoved: () => newest.current.onFollow(false),
      });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      return;
    }
    const unsubscribe = live.subscribeUpdates(controller.current.changed);
    const ageing = setInterval(controller.current.changed, 1000);
    return () => {
      clearInterval(ageing);
      unsubscribe();
      controller.current?.destroy();
      controller.current = undefined;
    };
  }, [live, trails]);

  useEffect(() => controller.current?.setFollow(follow ? selected : undefined), [follow, selected]);

  if (failure) {
    return (
      <div className="stage-notice" role="status">
        <strong>No map</strong>
        <p>This browser cannot draw it: WebGL 2 is missing or switched off. Everything else works.</p>
      </div>
    );
  }
  return (
    <div className="map" data-small={small || undefined}>
      <div ref={container} className="map-canvas" />
      <div className="map-tools">
        <Tooltip label={follow ? 'Following (F)' : 'Follow the selected vehicle (F)'} position="left">
          <ActionIcon
            size={32}
            variant={follow ? 'filled' : 'default'}
            aria-pressed={follow}
            aria-label="Follow the selected vehicle"
            onClick={() => props.onFollow(!follow)}
          >
            <CrosshairIcon />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="All vehicles" position="left">
          <ActionIcon
            size={32}
            variant="default"
            aria-label="Show all vehicles"
            onClick={() => controller.current?.fit()}
          >
            <FitIcon />
          </ActionIcon>
        </Tooltip>
      </div>
      <output className="map-cursor">
        {pointer && coordinates(pointer, settings.coordinates).join('  ')}
        <span>Natural Earth</span>
      </output>
      {target && !small && <TargetCard target={target} onClose={() => setTarget(undefined)} />}
    </div>
  );
}
