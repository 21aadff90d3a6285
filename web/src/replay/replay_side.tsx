// What stands beside the picture: charts, values, events, the search, exports.
import { SegmentedControl } from '@mantine/core';
import type { RefObject } from 'react';

import type { Operation, Sighting } from '../api/types';
import { FindPanel } from '../find/find_panel';
import type { Find } from '../find/use_find';
import type { Point } from '../klv/frame_values';
import { OperationsPanel } from '../operations/operations_panel';
import { Charts } from './charts';
import { EventsPanel } from './events_panel';
import { FramePanel } from './frame_panel';
import { kSides, type CameraId, type Side } from './replay_address';
import type { ReplaySession } from './replay_session';
import type { useMarking } from './use_marking';
import type { useReplay } from './use_replay';

const kSideNames: Record<Side, string> = {
  charts: 'Charts',
  values: 'Values',
  events: 'Events',
  find: 'Find',
  exports: 'Exports',
};

export interface ReplaySideProps {
  session: ReplaySession;
  replay: ReturnType<typeof useReplay>;
  find: Find;
  marking: ReturnType<typeof useMarking>;
  seen: RefObject<(() => Point[]) | undefined>;
  onSeek: (us: number) => void;
  /** Shows a camera, which need not be the one that is shown, at one of its own capture times. */
  onShow: (camera: CameraId, us: number) => void;
}

export function ReplaySide({ session, replay, find, marking, seen, onSeek, onShow }: ReplaySideProps) {
  const { address, change, lane, names, view, marks, marksProblem, history, link } = replay;
  const { side } = address;
  const play = (sighting: Sighting) => {
    onShow(sighting, sighting.from);
    session.play();
  };
  const showOperation = (operation: Operation) => {
    if (operation.from !== undefined) onShow(operation, operation.from);
  };
  return (
    <aside className="replay-side" aria-label="Beside the picture">
      <SegmentedControl
        className="replay-sides"
        size="xs"
        aria-label="What stands here"
        data={kSides.map((value) => ({ value, label: kSideNames[value] }))}
        value={side}
        onChange={(value) => change({ side: value as Side })}
      />
      {lane && side === 'charts' && (
        <Charts session={session} kind={lane.kind} samples={history} range={view} onSeek={onSeek} />
      )}
      {lane && side === 'values' && <FramePanel session={session} lane={lane} history={link} />}
      {side === 'events' && (
        <EventsPanel
          session={session}
          lane={lane}
          marks={marks}
          view={view}
          problem={marksProblem}
          onSeek={onSeek}
          onEdit={marking.may ? marking.bookmark : undefined}
          onNew={marking.may ? () => marking.bookmark() : undefined}
        />
      )}
      {side === 'find' && (
        <FindPanel
          session={session}
          find={find}
          names={names}
          field={marking.findField}
          seen={seen}
          onShow={(sighting) => onShow(sighting, sighting.best)}
          onPlay={play}
          onMark={({ us, vehicle, camera }) => {
            if (vehicle && camera) onShow({ vehicle, camera }, us);
            else if (vehicle) onShow({ vehicle, camera: '' }, us);
            else onSeek(us);
          }}
        />
      )}
      {side === 'exports' && (
        <OperationsPanel
          names={names}
          mayAct={marking.may}
          onExport={marking.exportRange}
          onImport={marking.importFile}
          onShow={showOperation}
        />
      )}
    </aside>
  );
}
