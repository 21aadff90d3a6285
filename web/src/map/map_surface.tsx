// A map with the buttons and the cursor's place that every map of the page has; what it draws, and when, is the user's.
import { ActionIcon, Tooltip } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';

import { coordinates } from '../hud/format';
import { useHudSettings } from '../hud/settings';
import type { Point } from '../klv/frame_values';
import { CrosshairIcon, FitIcon } from '../shell/icons';
import { MapController } from './controller';
import type { MapHit } from './draw';
import './map.css';
import type { MapScene } from './scene';

export interface MapSurfaceProps {
  gather: () => MapScene;
  /** Calls back whenever there is something else to draw. */
  subscribe: (changed: () => void) => () => void;
  /** The vehicle that is followed, if `follow`. */
  selected: string | undefined;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onHit: (hit: MapHit | undefined) => void;
  /** Somebody draws: clicks go to `onPlace`. */
  drawing?: boolean;
  onPlace?: (place: Point, isNear: (a: Point, b: Point) => boolean) => void;
  onPointer?: (place: Point | undefined) => void;
  /** A place was pressed with the other button, at these pixels of the window. */
  onOther?: (place: Point, x: number, y: number) => void;
  /** Gives the corners of what is seen, while there is a map. */
  seen?: RefObject<(() => Point[]) | undefined>;
  /** An inset has no room for buttons. */
  small?: boolean | undefined;
  /** What FitIcon brings into view. */
  allLabel?: string;
  children?: ReactNode;
}

export function MapSurface(props: MapSurfaceProps) {
  const { subscribe, selected, follow, small, drawing = false, seen, allLabel = 'All vehicles' } = props;
  const settings = useHudSettings();
  const container = useRef<HTMLDivElement>(null);
  const controller = useRef<MapController>(undefined);
  const [pointer, setPointer] = useState<Point>();
  const [failure, setFailure] = useState<string>();

  const newest = useRef(props);
  useEffect(() => {
    newest.current = props;
  });

  useEffect(() => {
    if (!container.current) return;
    try {
      controller.current = new MapController(container.current, {
        gather: () => newest.current.gather(),
        onHit: (hit) => newest.current.onHit(hit),
        onPlace: (place, isNear) => newest.current.onPlace?.(place, isNear),
        onPointer: (place) => {
          setPointer(place);
          newest.current.onPointer?.(place);
        },
        onOther: (place, x, y) => newest.current.onOther?.(place, x, y),
        onMoved: () => newest.current.onFollow(false),
      });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      return;
    }
    const unsubscribe = subscribe(controller.current.changed);
    if (seen) seen.current = () => controller.current?.corners() ?? [];
    return () => {
      unsubscribe();
      if (seen) seen.current = undefined;
      controller.current?.destroy();
      controller.current = undefined;
    };
  }, [subscribe, seen]);

  useEffect(() => controller.current?.setFollow(follow ? selected : undefined), [follow, selected]);
  useEffect(() => controller.current?.setDrawing(drawing), [drawing]);
  // What is gathered may be another thing now.
  useEffect(() => controller.current?.changed());

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
        <Tooltip label={allLabel} position="left">
          <ActionIcon
            size={32}
            variant="default"
            aria-label={`Show ${allLabel.toLowerCase()}`}
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
      {!small && props.children}
    </div>
  );
}
