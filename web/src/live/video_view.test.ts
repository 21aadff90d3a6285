import { expect, test } from 'vitest';

import { noticeFor } from './video_view';
import { cameraState } from './vehicle_state';

const state = { phase: 'waiting' as const, untilMs: 0, reason: 'no video yet', attempt: 1 };
const snapshot = { state, hasShown: false, atomic: false, rendition: undefined, automatic: true };

test('says that a camera is refused, and why, instead of promising to retry', () => {
  const why = 'camera URI: its port is no number from 1 to 65535';
  expect(noticeFor(snapshot, cameraState({ state: 'refused', detail: why }), [])).toEqual({
    title: 'Camera refused',
    detail: why,
    level: 'alarm',
  });
  expect(noticeFor(snapshot, cameraState({ state: 'retrying' }), [])?.level).toBe('caution');
});

test('the camera knows better than the page why no picture comes', () => {
  const lost = { ...snapshot, hasShown: true };
  expect(noticeFor(lost, cameraState({ state: 'retrying', detail: 'the publisher left' }), [])?.detail).toBe(
    'the publisher left',
  );
});
