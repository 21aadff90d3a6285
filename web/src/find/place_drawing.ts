// Drawing a place on the map, click by click: a point is one click, an area is closed by a click on its first corner. Pure.
import type { Point } from '../klv/frame_values';
import { kLeastCorners, kMostCorners, kNewRadiusM, type Place } from './find_query';

export interface Drawing {
  type: Place['type'];
  corners: readonly Point[];
}

export const beginning = (type: Place['type']): Drawing => ({ type, corners: [] });

/** The place, if the drawing is complete without another click. */
export function finished({ type, corners }: Drawing): Place | undefined {
  return type === 'area' && corners.length >= kLeastCorners ? { type, corners } : undefined;
}

/** `isNear`: on the screen, whether a click on one point means the other. */
export function clicked(
  drawing: Drawing,
  at: Point,
  isNear: (a: Point, b: Point) => boolean,
): { drawing: Drawing | undefined; place: Place | undefined } {
  if (drawing.type === 'point') {
    return { drawing: undefined, place: { type: 'point', at, radiusM: kNewRadiusM } };
  }
  const { corners } = drawing;
  const [first, last] = [corners[0], corners.at(-1)];
  const closes = (first && isNear(first, at)) || (last && isNear(last, at));
  const place = closes ? finished(drawing) : undefined;
  if (place) return { drawing: undefined, place };
  // A click on what is there already, as of a double click, adds nothing.
  if (closes || corners.length >= kMostCorners) return { drawing, place: undefined };
  return { drawing: { ...drawing, corners: [...corners, at] }, place: undefined };
}

export function withoutLast(drawing: Drawing): Drawing {
  return { ...drawing, corners: drawing.corners.slice(0, -1) };
}
