// Replay: any camera at any recorded instant, its metadata exact to the frame, the map, the charts, and all of it on one
// timeline.
import { useMemo, useRef, useState } from 'react';

import type { User } from '../api/types';
import { useFind } from '../find/use_find';
import { hudLink, type HudLink } from '../hud/model';
import type { Point } from '../klv/frame_values';
import { HudMenu } from '../live/hud_menu';
import '../live/live.css';
import { useDisk } from '../operations/disk';
import '../operations/operations.css';
import { KeyHelp } from '../shell/key_help';
import { useKeys } from '../shell/keys';
import { StageNotice } from '../shell/stage_notice';
import { ReplayStatus } from './frame_panel';
import { laneKey, sampleAt } from './recordings_api';
import './replay.css';
import { ReplayDialogs } from './replay_dialogs';
import { ReplayMap } from './replay_map';
import type { ReplaySession } from './replay_session';
import { ReplaySide } from './replay_side';
import { ReplayView } from './replay_view';
import { Timeline } from './timeline';
import { Transport } from './transport';
import { useActions } from './use_actions';
import { useMarking } from './use_marking';
import { useReplay } from './use_replay';
import { useSession, useSessionState } from './use_session';

function Replay({ session, user }: { session: ReplaySession; user: User }) {
  const replay = useReplay(session);
  const { address, change, overview, lanes, names, lane, others, view, setView, marks, history, link } =
    replay;
  const find = useFind(view, names);
  const disk = useDisk();
  const seen = useRef<() => Point[]>(undefined);
  const state = useSessionState(session);
  const [follow, setFollow] = useState(true);
  const [help, setHelp] = useState(false);
  const { gestures, field, seek, show, pick, toggleLoop, range, togglePlay, ...acting } = useActions(
    session,
    replay,
    {
      onHelp: () => setHelp(true),
      onFollow: () => setFollow((old) => !old),
      onDrawingKey: find.drawingKey,
    },
  );
  const marking = useMarking(session, replay, find, user, seek);
  const actions = [...acting.actions, ...marking.actions];
  useKeys(actions);
  const sightings = find.sightings.data?.sightings;
  const found = useMemo(
    () =>
      (sightings ?? []).map((sighting) => {
        const trimUs = session.trimUs(sighting);
        return { lane: laneKey(sighting), fromUs: sighting.from + trimUs, toUs: sighting.to + trimUs };
      }),
    [session, sightings],
  );

  if (overview.isPending) return <div className="replay" aria-busy aria-label="Loading recordings" />;
  if (overview.isError && !overview.data) {
    return (
      <StageNotice level="alarm" title="The recordings cannot be listed">
        {overview.error.message}
      </StageNotice>
    );
  }
  if (lanes.length === 0) {
    return (
      <StageNotice title="Nothing has been recorded yet">
        A camera records when its pipeline file has <code>record</code> among its outputs. What it records
        then appears here within seconds.
      </StageNotice>
    );
  }
  const linkOf = (utcUs: number | undefined): HudLink | undefined => {
    const sample = utcUs === undefined ? undefined : sampleAt(link, utcUs);
    return sample && hudLink({ received: sample.time, telemetry: sample }, utcUs ?? 0);
  };
  return (
    <div className="replay" data-large={address.large}>
      <section className="replay-stage" aria-label="Picture">
        {lane && session.first ? (
          <ReplayView key={laneKey(lane)} player={session.first} lane={lane} link={linkOf} onSeek={seek} />
        ) : (
          <StageNotice
            title={`Nothing of ${address.shown?.vehicle ?? 'this vehicle'} ${address.shown?.camera ?? ''} was recorded`}
          >
            Choose a camera below.
          </StageNotice>
        )}
        <div className="replay-others" data-count={others.length}>
          {others.map((other) => {
            const player = session.others.find((one) => laneKey(one) === laneKey(other));
            return (
              player && (
                <div
                  key={laneKey(other)}
                  className="replay-other"
                  onDoubleClick={() => pick(other)}
                  title="Double-click or B: to the front"
                >
                  <ReplayView
                    player={player}
                    lane={other}
                    link={(utcUs) => (other.vehicle === lane?.vehicle ? linkOf(utcUs) : undefined)}
                    onSeek={seek}
                  />
                </div>
              )
            );
          })}
        </div>
        <ReplayStatus session={session} />
        <div className="stage-tools">
          <HudMenu />
        </div>
      </section>
      <section className="replay-map" aria-label="Map">
        <ReplayMap
          session={session}
          lanes={lanes}
          history={history}
          follow={follow}
          onFollow={setFollow}
          onSeek={seek}
          place={find.query.place}
          drawing={find.drawing}
          onDrawing={find.setDrawing}
          onPlace={find.setPlace}
          seen={seen}
        />
      </section>
      <ReplaySide
        session={session}
        replay={replay}
        find={find}
        marking={marking}
        seen={seen}
        onSeek={seek}
        onShow={show}
      />
      <Transport
        session={session}
        lanes={lanes}
        lane={lane}
        others={others}
        loop={address.loop}
        trims={address.trims}
        field={field}
        playing={state?.playing ?? false}
        speed={state?.speed ?? 1}
        onTogglePlay={togglePlay}
        onStep={(by) => session.step(by)}
        onRange={range}
        onSeek={seek}
        onLoop={toggleLoop}
        onOthers={(cameras) => change({ others: cameras })}
        onTrims={(trims) => change({ trims })}
        marking={marking}
        disk={disk.data}
      />
      <Timeline
        session={session}
        lanes={lanes}
        marks={marks}
        found={found}
        failing={disk.data}
        view={view}
        shown={lane && laneKey(lane)}
        others={others.map(laneKey)}
        loop={address.loop}
        onView={setView}
        onPick={pick}
        onSeek={seek}
        onLoop={(loop) => change({ loop })}
      />
      <KeyHelp opened={help} onClose={() => setHelp(false)} actions={[...actions, ...gestures]} />
      <ReplayDialogs replay={replay} marking={marking} />
    </div>
  );
}

export function ReplayPage({ user }: { user: User }) {
  const session = useSession();
  if (!session) return <div className="replay" aria-busy />;
  return <Replay session={session} user={user} />;
}
