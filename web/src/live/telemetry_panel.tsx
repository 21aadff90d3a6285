// The selected vehicle's numbers, each with its age: fresh in full, ageing dimmed, stale gone with the reason.
import { Fragment } from 'react';

import type { KindVehicle } from '../api/types';
import { cameraNames } from '../api/vehicles';
import { useHudSettings } from '../hud/settings';
import { StateMark } from '../shell/icons';
import { useLiveVehicle, useServerNow, useTelemetryState } from './connections';
import { formatAge, freshness } from './freshness';
import { telemetryRows, type RowGroup } from './telemetry_rows';
import { cameraState, linkState } from './vehicle_state';

function Cameras({ vehicle }: { vehicle: KindVehicle }) {
  const live = useLiveVehicle(vehicle.id);
  const names = cameraNames(vehicle);
  if (names.length === 0) return null;
  return (
    <section>
      <h3>Cameras</h3>
      {names.map((name) => {
        const state = live?.cameras[name]?.state;
        const shown = cameraState(state);
        const viewers = state?.viewers;
        return (
          <div className="camera-row" key={name}>
            <StateMark level={shown.level} />
            <span>{name}</span>
            <span className="dim">
              {shown.word}
              {state?.state === 'playing' &&
                state.codec &&
                ` · ${state.codec} ${state.width}×${state.height}`}
              {state?.state === 'playing' && state.klv && ' · KLV'}
              {state?.state === 'playing' && state.audio && ' · sound'}
              {viewers !== undefined && ` · ${viewers} watching`}
            </span>
            {shown.level !== 'ok' && shown.detail && <p className="reason">{shown.detail}</p>}
          </div>
        );
      })}
    </section>
  );
}

/** `withAges` false: the values are withdrawn, and their ages with them. */
export function RowGroups({ groups, withAges }: { groups: readonly RowGroup[]; withAges: boolean }) {
  return groups.map((rows) => (
    <section key={rows[0]?.label}>
      <dl>
        {rows.map(({ label, value, ageMs, freshness }) => (
          <Fragment key={label}>
            <dt>{label}</dt>
            <dd data-missing={value === undefined || undefined} data-freshness={freshness}>
              {value ?? '—'}
            </dd>
            <dd className="age" data-freshness={freshness}>
              {ageMs !== undefined && withAges ? formatAge(ageMs) : ''}
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  ));
}

export function TelemetryPanel({ vehicle }: { vehicle: KindVehicle }) {
  const live = useLiveVehicle(vehicle.id);
  const socket = useTelemetryState();
  const nowUs = useServerNow(500);
  const { coordinates } = useHudSettings();

  const ageMs = live?.received === undefined ? undefined : Math.max(0, (nowUs - live.received) / 1000);
  const fresh = freshness(ageMs);
  const gone = fresh === 'stale' || fresh === 'never';
  const link = linkState(live, socket, nowUs);
  const groups = telemetryRows(live ?? {}, nowUs, vehicle.kind, coordinates);
  return (
    <div className="telemetry" data-freshness={fresh}>
      <div className="telemetry-link" data-level={link.level}>
        <StateMark level={link.level} />
        <strong>{link.word}</strong>
        <span className="age">{ageMs === undefined ? 'nothing yet' : formatAge(ageMs)}</span>
        {link.level !== 'ok' && link.detail && <p className="reason">{link.detail}</p>}
        {gone && ageMs !== undefined && (
          <p className="reason">Values withdrawn: the newest is {formatAge(ageMs)} old.</p>
        )}
      </div>
      <RowGroups groups={groups} withAges={!gone} />
      <Cameras vehicle={vehicle} />
    </div>
  );
}
