// What an empty fleet says.
import { Button } from '@mantine/core';

export function FirstRun({ mayAdd, onAdd }: { mayAdd: boolean; onAdd: () => void }) {
  return (
    <main className="first-run">
      <h1>No vehicles yet</h1>
      {mayAdd ? (
        <>
          <ol>
            <li>
              <strong>Add a drone or a vessel</strong> with the address of its telemetry link, such as{' '}
              <code>mavlink+udp://0.0.0.0:14550</code> or <code>nmea+tcp://192.0.2.7:10110</code>.
            </li>
            <li>
              <strong>Give it a camera</strong>: choose the pipeline that takes its video in, and the video’s
              address.
            </li>
            <li>It appears here by itself as soon as it speaks.</li>
          </ol>
          <Button onClick={onAdd} autoFocus>
            Add a vehicle
          </Button>
        </>
      ) : (
        <p>Somebody with the role admin can add the first one. It appears here by itself.</p>
      )}
    </main>
  );
}
