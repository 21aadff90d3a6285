// Drawing a point or an area by clicks.
import { expect, it } from 'vitest';

import { beginning, clicked, finished, withoutLast, type Drawing } from './place_drawing';

const at = (latitude: number, longitude: number) => ({ latitude, longitude });
const isNear = (a: { latitude: number }, b: { latitude: number }) => a === b;

it('takes a point with one click', () => {
  expect(clicked(beginning('point'), at(1, 2), isNear)).toEqual({
    drawing: undefined,
    place: { type: 'point', at: at(1, 2), radiusM: 50 },
  });
});

it('closes an area by its first corner or by a double click, but not before it has three', () => {
  const corners = [at(0, 0), at(0, 1), at(1, 1)];
  let drawing: Drawing | undefined = beginning('area');
  for (const corner of corners) {
    drawing = drawing && clicked(drawing, corner, isNear).drawing;
    const again: Drawing | undefined = drawing && clicked(drawing, corner, isNear).drawing;
    if (corner !== corners[2]) expect(again).toEqual(drawing);
  }
  expect(drawing?.corners).toEqual(corners);
  for (const closing of [corners[0], corners[2]]) {
    expect(drawing && closing && clicked(drawing, closing, isNear)).toEqual({
      drawing: undefined,
      place: { type: 'area', corners },
    });
  }
  expect(finished({ type: 'area', corners })).toEqual({ type: 'area', corners });
  expect(finished(withoutLast({ type: 'area', corners }))).toBeUndefined();
});
