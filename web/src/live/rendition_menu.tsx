// What a viewer of a camera with several renditions may choose: one of them, or the best that the link carries.
import { SegmentedControl } from '@mantine/core';

import { useLiveVehicle } from './connections';
import { useSnapshot, useStream } from './video_view';

const kAutomatic = 'auto';

export function RenditionMenu({ vehicle, camera }: { vehicle: string; camera: string }) {
  const stream = useStream(vehicle, camera);
  const { rendition, automatic } = useSnapshot(stream);
  const renditions = useLiveVehicle(vehicle)?.cameras[camera]?.state?.renditions ?? [];
  if (renditions.length < 2) return null;
  const label = automatic && rendition !== undefined ? `${kAutomatic} (${rendition})` : kAutomatic;
  return (
    <SegmentedControl
      size="xs"
      aria-label="Rendition"
      data={[{ value: kAutomatic, label }, ...renditions.map((name) => ({ value: name, label: name }))]}
      value={automatic ? kAutomatic : (rendition ?? kAutomatic)}
      onChange={(value) => stream?.choose(value === kAutomatic ? undefined : value)}
    />
  );
}
