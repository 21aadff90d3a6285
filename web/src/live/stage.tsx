// Video and map share the space: one is large, the other small, and one key swaps them.
import { ActionIcon, SegmentedControl, Tooltip } from '@mantine/core';
import { Fragment, useCallback, useRef } from 'react';
import { Link } from 'react-router';

import type { KindVehicle, User } from '../api/types';
import { cameraNames } from '../api/vehicles';
import type { FrameValues } from '../klv/frame_values';
import { MapView } from '../map/map_view';
import { HistoryIcon, SwapIcon } from '../shell/icons';
import { useLiveVehicle } from './connections';
import type { Opened } from '../control/control_sheet';
import { FrameStatus } from './frame_status';
import { HudMenu } from './hud_menu';
import { usePlaceActions } from '../control/place_actions';
import { RenditionMenu } from './rendition_menu';
import { SoundButton } from './sound_button';
import { StreamFigures } from './stream_figures';
import { useStream, VideoView } from './video_view';

export type Large = 'video' | 'map';

export interface StageProps {
  user: User;
  vehicles: readonly KindVehicle[];
  /** Undefined: the map alone, with all vehicles. */
  vehicle: KindVehicle | undefined;
  camera: string | undefined;
  large: Large;
  follow: boolean;
  onSwap: () => void;
  onFollow: (follow: boolean) => void;
  onSelect: (vehicle: string) => void;
  onCamera: (camera: string) => void;
  /** A command to a place of the map. */
  onOpen: (opened: Opened) => void;
}

function VideoPane({
  vehicle,
  camera,
  onValues,
}: {
  vehicle: KindVehicle;
  camera: string;
  onValues: (values: FrameValues | undefined) => void;
}) {
  const stream = useStream(vehicle.id, camera);
  const live = useLiveVehicle(vehicle.id);
  return (
    <>
      <VideoView vehicle={vehicle} camera={camera} stream={stream} onValues={onValues} />
      <FrameStatus stream={stream} state={live?.cameras[camera]?.state} />
    </>
  );
}

function VideoSection(
  props: StageProps & { vehicle: KindVehicle; onValues: (values: FrameValues | undefined) => void },
) {
  const { vehicle, camera, onValues } = props;
  return (
    <section className="stage-video" aria-label="Video">
      {camera ? (
        <VideoPane key={`${vehicle.id}/${camera}`} vehicle={vehicle} camera={camera} onValues={onValues} />
      ) : (
        <div className="stage-notice" role="status">
          <strong>{vehicle.name} has no camera</strong>
          <p>An admin can add one in the vehicle’s settings.</p>
        </div>
      )}
      <div className="stage-tools">
        {cameraNames(vehicle).length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Camera"
            data={cameraNames(vehicle)}
            value={camera ?? ''}
            onChange={props.onCamera}
          />
        )}
        {camera && (
          <Fragment key={`${vehicle.id}/${camera}`}>
            <RenditionMenu vehicle={vehicle.id} camera={camera} />
            <SoundButton vehicle={vehicle.id} camera={camera} />
            <StreamFigures vehicle={vehicle.id} camera={camera} />
            <Tooltip label="Replay: what was just recorded">
              <ActionIcon
                component={Link}
                to={`/replay?vehicle=${encodeURIComponent(vehicle.id)}&camera=${encodeURIComponent(camera)}`}
                size={28}
                variant="subtle"
                color="gray"
                aria-label="Replay this camera"
              >
                <HistoryIcon />
              </ActionIcon>
            </Tooltip>
          </Fragment>
        )}
        <HudMenu />
        <Tooltip label="Swap video and map (V)">
          <ActionIcon
            size={28}
            variant="subtle"
            color="gray"
            aria-label="Swap video and map"
            onClick={props.onSwap}
          >
            <SwapIcon />
          </ActionIcon>
        </Tooltip>
      </div>
    </section>
  );
}

export function Stage(props: StageProps) {
  const { vehicles, vehicle } = props;
  const large = vehicle ? props.large : 'map';
  const id = vehicle?.id;
  const placeActions = usePlaceActions(vehicle, props.user, props.onOpen);
  const shown = useRef<{ vehicle: string; values: FrameValues | undefined }>(undefined);
  const onValues = useCallback(
    (values: FrameValues | undefined) => {
      if (id !== undefined) shown.current = { vehicle: id, values };
    },
    [id],
  );
  const shownValues = useCallback(
    (other: string) => (shown.current?.vehicle === other ? shown.current.values : undefined),
    [],
  );
  return (
    <div className="stage" data-large={large}>
      {vehicle && <VideoSection {...props} vehicle={vehicle} onValues={onValues} />}
      <section className="stage-map" aria-label="Map">
        <MapView
          vehicles={vehicles}
          selected={id}
          follow={props.follow && id !== undefined}
          onFollow={props.onFollow}
          onSelect={props.onSelect}
          shownValues={shownValues}
          placeActions={placeActions}
          small={large === 'video'}
        />
      </section>
    </div>
  );
}
