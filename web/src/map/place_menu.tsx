// What can be done at a place of the map that was pressed with the other button.
import { Portal } from '@mantine/core';
import { useEffect, useRef } from 'react';

import { coordinates } from '../hud/format';
import { useHudSettings } from '../hud/settings';
import type { Point } from '../klv/frame_values';

export interface PlaceAction {
  label: string;
  /** Why not now. */
  why: string | undefined;
  act: (place: Point) => void;
}

export interface PressedPlace {
  place: Point;
  /** Pixels of the window. */
  x: number;
  y: number;
}

const kWidthPx = 232;
const kRowPx = 34;

export interface PlaceMenuProps {
  pressed: PressedPlace;
  actions: readonly PlaceAction[];
  onClose: () => void;
}

export function PlaceMenu({ pressed, actions, onClose }: PlaceMenuProps) {
  const { place, x, y } = pressed;
  const settings = useHudSettings();
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const first = menu.current?.querySelector<HTMLElement>('button:enabled');
    (first ?? menu.current)?.focus();
  }, [pressed]);
  const heightPx = (2 * actions.length + 1) * kRowPx;
  const left = Math.min(x, window.innerWidth - kWidthPx);
  const top = Math.min(y, window.innerHeight - heightPx);
  return (
    <Portal>
      <div
        ref={menu}
        className="place-menu"
        role="dialog"
        aria-label="This place"
        tabIndex={-1}
        style={{ left, top, width: kWidthPx }}
        onBlur={({ currentTarget, relatedTarget }) => {
          if (!currentTarget.contains(relatedTarget)) onClose();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          onClose();
        }}
      >
        <p>{coordinates(place, settings.coordinates).join('  ')}</p>
        {actions.map(({ label, why, act }) => (
          <button
            key={label}
            type="button"
            disabled={why !== undefined}
            onClick={() => {
              onClose();
              act(place);
            }}
          >
            {label}
            {why !== undefined && <span className="reason">{why}</span>}
          </button>
        ))}
      </div>
    </Portal>
  );
}
