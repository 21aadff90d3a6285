// What gets through to this page, behind a button in the line under the picture.
import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

import { PulseIcon } from '../shell/icons';
import { useConnections } from './connections';
import {
  browserFigures,
  browserRows,
  glassToGlassNow,
  serverRows,
  type BrowserFigures,
  type Row,
} from './figures';
import type { VideoStream } from './video_stream';
import { useStream } from './video_view';

const kReadMs = 1_000;

function Rows({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <>
      <tr>
        <th colSpan={2} scope="colgroup">
          {title}
        </th>
      </tr>
      {rows.map(([label, value, hint]) => (
        <tr key={label} title={hint}>
          <td>{label}</td>
          <td>{value}</td>
        </tr>
      ))}
    </>
  );
}

/** Read while it is open. */
function Figures({ stream }: { stream: VideoStream }) {
  const { live } = useConnections();
  const [browser, setBrowser] = useState<BrowserFigures>();
  useEffect(() => {
    const read = async () => {
      const entries = await stream.readStats();
      setBrowser((before) => (entries ? browserFigures(entries, before) : undefined));
    };
    void read();
    const timer = setInterval(() => void read(), kReadMs);
    return () => clearInterval(timer);
  }, [stream]);

  const { shown, figures } = stream;
  const glass = glassToGlassNow(shown, live.clock.offsetUs, browser?.roundTripMs);
  return (
    <table className="stream-figures">
      <tbody>
        <Rows title="In this browser" rows={browserRows(browser, glass)} />
        <Rows
          title="From the server"
          rows={serverRows(figures?.figures, figures ? performance.now() - figures.atMs : 0)}
        />
      </tbody>
    </table>
  );
}

export function StreamFigures({ vehicle, camera }: { vehicle: string; camera: string }) {
  const stream = useStream(vehicle, camera);
  return (
    <Popover position="top-end" withArrow trapFocus>
      <Popover.Target>
        <Tooltip label="What gets through">
          <ActionIcon
            size={28}
            variant="subtle"
            color="gray"
            aria-label="What gets through"
            disabled={!stream}
          >
            <PulseIcon />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>{stream && <Figures stream={stream} />}</Popover.Dropdown>
    </Popover>
  );
}
