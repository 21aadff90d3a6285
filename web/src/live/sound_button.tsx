// Turns the sound of a camera that has some on and off.
import { ActionIcon, Tooltip } from '@mantine/core';
import { useEffect } from 'react';

import { SoundIcon } from '../shell/icons';
import { useLiveVehicle } from './connections';
import { toggleSound, useSound } from './sound';
import { useStream } from './video_view';

export function SoundButton({ vehicle, camera }: { vehicle: string; camera: string }) {
  const stream = useStream(vehicle, camera);
  const hasSound = useLiveVehicle(vehicle)?.cameras[camera]?.state?.audio === true;
  const on = useSound();
  useEffect(() => {
    if (!stream || !on || !hasSound) return;
    stream.listen(true);
    return () => stream.listen(false);
  }, [stream, on, hasSound]);
  if (!hasSound) return null;
  return (
    <Tooltip label={on ? 'Sound off (M)' : 'Sound on (M)'}>
      <ActionIcon
        size={28}
        variant={on ? 'light' : 'subtle'}
        color={on ? 'signal' : 'gray'}
        aria-label="Sound"
        aria-pressed={on}
        onClick={toggleSound}
      >
        <SoundIcon on={on} />
      </ActionIcon>
    </Tooltip>
  );
}
