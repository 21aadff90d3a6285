// The replay page's choices: the address, the lanes, the session, and the data of the time that is looked at, kept in step.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { Telemetry } from '../api/types';
import { useVehicles } from '../api/vehicles';
import { laneKey, lanesOf, useCoverage, useHistory, useOverview, type Lane } from './recordings_api';
import { marksOf, namesOf, useMarks } from './marks';
import { useAddress, type Address, type CameraId } from './replay_address';
import type { Span } from './replay_state';
import type { ReplaySession } from './replay_session';
import { centred, widthOf } from './timeline_scale';
import { useReading } from './use_session';

const kFirstViewUs = 40 * 60e6;
const kHistoryPoints = 3000;
const kLongestHistoryUs = 86_400e6;
const kLinkBlockUs = 300e6;
const kLinkPoints = 6000;
/** Without an instant in the address the newest recording is opened so much before its end. */
const kFromEndUs = 30e6;
const kAddressMs = 200;

const pow2 = (value: number) => 2 ** Math.ceil(Math.log2(Math.max(1, value)));

/** Round, so that moving about asks for the same again: the view and at least as much on both sides. */
export function askedFor(view: Span): { span: Span; resolutionUs: number } {
  const block = pow2(widthOf(view));
  const fromUs = (Math.floor(view.fromUs / block) - 1) * block;
  return {
    span: { fromUs, toUs: (Math.floor(view.toUs / block) + 2) * block },
    resolutionUs: Math.floor(block / 2048),
  };
}

/** The lane of the address; without one that which has the newest recording. */
export function chosenLane(lanes: readonly Lane[], wanted: CameraId | undefined): Lane | undefined {
  if (wanted) {
    const ofVehicle = lanes.filter(({ vehicle }) => vehicle === wanted.vehicle);
    return wanted.camera ? ofVehicle.find(({ camera }) => camera === wanted.camera) : ofVehicle[0];
  }
  const end = ({ ranges }: Lane) => ranges.at(-1)?.toUs ?? 0;
  return lanes.reduce<Lane | undefined>(
    (best, lane) => (best && end(best) >= end(lane) ? best : lane),
    undefined,
  );
}

export function newestInstant({ ranges }: Lane): number | undefined {
  const last = ranges.at(-1);
  return last && Math.max(last.fromUs, last.toUs - kFromEndUs);
}

const cameraOf = ({ vehicle, camera }: Lane): CameraId => ({ vehicle, camera });
const idOf = (lane: Lane | undefined): CameraId | undefined => lane && cameraOf(lane);

/** The session shows what the address says, and the address says what a paused session shows. */
function useSync(
  session: ReplaySession,
  address: Address,
  change: (change: Partial<Address>) => void,
  lane: Lane | undefined,
  others: readonly Lane[],
) {
  const written = useRef<number>(undefined);
  const firstKey = lane && laneKey(lane);
  const otherKeys = others.map(laneKey).join();
  const lanes = useRef({ lane, others });
  useEffect(() => {
    lanes.current = { lane, others };
  });
  useEffect(() => {
    if (firstKey !== undefined) session.show(idOf(lanes.current.lane), lanes.current.others.map(cameraOf));
  }, [session, firstKey, otherKeys]);
  useEffect(() => session.setTrims(address.trims), [session, address.trims]);
  useEffect(() => session.setLoop(address.loop), [session, address.loop]);
  const { utcUs } = address;
  useEffect(() => {
    if (firstKey === undefined) return;
    const wanted =
      utcUs ??
      (session.utcUs === undefined && lanes.current.lane ? newestInstant(lanes.current.lane) : undefined);
    if (wanted === undefined || wanted === written.current) return;
    written.current = wanted;
    session.seek(wanted);
  }, [session, firstKey, utcUs]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = () => {
      timer = undefined;
      const { state, utcUs } = session;
      if (!state || state.playing || state.seeking || state.phase !== 'ready' || utcUs === undefined) return;
      if (utcUs === written.current) return;
      written.current = utcUs;
      change({ utcUs, shown: idOf(lanes.current.lane) });
    };
    const unsubscribe = session.onTime(() => {
      clearTimeout(timer);
      timer = setTimeout(write, kAddressMs);
    });
    return () => {
      clearTimeout(timer);
      unsubscribe();
    };
  }, [session, change]);
}

const kNothing: readonly never[] = [];

export function useReplay(session: ReplaySession) {
  const [address, change] = useAddress();
  const vehicles = useVehicles();
  const overview = useOverview();
  const [view, setView] = useState<Span>();
  const [drawnView, setDrawnView] = useState<Span>();
  // What is asked for follows the view when it rests.
  useEffect(() => {
    const timer = setTimeout(() => setDrawnView(view), drawnView ? 200 : 0);
    return () => clearTimeout(timer);
  }, [view, drawnView]);

  const shownView = view ?? centred(address.utcUs ?? Date.now() * 1000, kFirstViewUs);
  const { span, resolutionUs } = askedFor(drawnView ?? shownView);
  const coverage = useCoverage(span, resolutionUs);
  const isFine = coverage.data !== undefined && !coverage.isPlaceholderData;
  const lanes = lanesOf(
    overview.data ?? kNothing,
    isFine ? coverage.data : (overview.data ?? kNothing),
    isFine ? span : { fromUs: 0, toUs: 0 },
    vehicles.data ?? kNothing,
  );
  const lane = chosenLane(lanes, address.shown);
  const others = address.others.flatMap((wanted) => {
    const found = lanes.find((other) => laneKey(other) === laneKey(wanted));
    return found && found !== lane ? [found] : [];
  });
  useSync(session, address, change, lane, others);

  const hasView = view !== undefined;
  const firstUs = address.utcUs ?? (lane && newestInstant(lane));
  useEffect(() => {
    if (!hasView && firstUs !== undefined) setView(centred(firstUs, kFirstViewUs));
  }, [hasView, firstUs]);

  const nameKey = lanes.map(({ vehicle, name }) => `${vehicle} ${name}`).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- The lanes are made anew all the time, their names are not.
  const names = useMemo(() => namesOf(lanes), [nameKey]);
  const happened = useMarks({ span });
  const marks = useMemo(
    () => marksOf(happened.data?.events ?? [], happened.data?.bookmarks ?? [], names),
    [happened.data, names],
  );
  const block = useReading(
    session,
    useCallback((read: ReplaySession) => Math.floor((read.utcUs ?? 0) / kLinkBlockUs), []),
  );
  const around = { fromUs: (block - 0.1) * kLinkBlockUs, toUs: (block + 1) * kLinkBlockUs };
  const isLong = widthOf(span) > kLongestHistoryUs;
  const historySpan = isLong ? centred((block + 0.5) * kLinkBlockUs, kLongestHistoryUs) : span;
  const history: readonly Telemetry[] = useHistory(lane, historySpan, kHistoryPoints).data ?? kNothing;
  const link: readonly Telemetry[] =
    useHistory(block > 0 ? lane : undefined, around, kLinkPoints).data ?? kNothing;
  return {
    address,
    change,
    vehicles: vehicles.data ?? kNothing,
    overview,
    lanes,
    names,
    lane,
    others,
    view: shownView,
    setView,
    marks,
    marksProblem: happened.error?.message,
    history,
    link,
  };
}
