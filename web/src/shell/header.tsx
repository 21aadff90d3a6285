// The frame's top: where you are, whether anything is wrong, UTC, the connection, you.
import { Menu, UnstyledButton } from '@mantine/core';
import { NavLink } from 'react-router';

import { AlertsButton } from '../alerts/alerts_button';
import type { User } from '../api/types';
import { cameraNames, useVehicles } from '../api/vehicles';
import { utcTime } from '../hud/format';
import { useConnections, useServerNow, useTelemetryState } from '../live/connections';
import { cameraState, linkState } from '../live/vehicle_state';
import { diskState, failureOf, useDisk } from '../operations/disk';
import { mayAct, useSignOut } from '../session/session';
import { StateMark, type Level } from './icons';

interface Trouble {
  level: Level;
  text: string;
}

/** What is wrong with the fleet, worst first. */
function useTroubles(): Trouble[] {
  const { live } = useConnections();
  const socket = useTelemetryState();
  const { data: vehicles } = useVehicles();
  const nowUs = useServerNow(1000);
  const { data: disk } = useDisk();
  if (socket !== 'open') return [];
  const troubles = (vehicles ?? []).flatMap((vehicle) => {
    const { id, name } = vehicle;
    const state = live.vehicle(id);
    const link = linkState(state, socket, nowUs);
    const found: Trouble[] = [{ level: link.level, text: `${name}: ${link.word}` }];
    for (const camera of cameraNames(vehicle)) {
      const shown = cameraState(state?.cameras[camera]?.state);
      found.push({ level: shown.level, text: `${name} ${camera}: ${shown.word}` });
      if (failureOf(disk, id, camera))
        found.push({ level: 'alarm', text: `${name} ${camera}: not recorded` });
    }
    return found;
  });
  if (disk) troubles.push(diskState(disk));
  const rank = (level: Level) => (level === 'alarm' ? 0 : 1);
  return troubles
    .filter(({ level }) => level === 'alarm' || level === 'caution')
    .sort((a, b) => rank(a.level) - rank(b.level));
}

function Fleet() {
  const [worst, ...others] = useTroubles();
  if (!worst) return null;
  return (
    <div className="fleet" data-level={worst.level} role="status">
      <StateMark level={worst.level} /> {worst.text}
      {others.length > 0 && <span> +{others.length}</span>}
    </div>
  );
}

const kWrongClockUs = 2_000_000;

function Connection() {
  const { live } = useConnections();
  const state = useTelemetryState();
  const nowUs = useServerNow(250);
  const offsetUs = live.clock.offsetUs ?? 0;
  const open = state === 'open';
  return (
    <>
      {Math.abs(offsetUs) > kWrongClockUs && (
        <span
          className="header-note"
          data-level="caution"
          title="Ages and the clock here follow the server's clock."
        >
          ▲ this computer’s clock is {Math.abs(offsetUs / 1e6).toFixed(0)} s{' '}
          {offsetUs > 0 ? 'behind' : 'ahead'}
        </span>
      )}
      <span className="connection" data-level={open ? 'ok' : 'caution'} role="status">
        <StateMark level={open ? 'ok' : 'caution'} /> {open ? 'live' : 'reconnecting'}
      </span>
      <time className="clock" aria-label="UTC">
        {utcTime(nowUs, false)} <span>UTC</span>
      </time>
    </>
  );
}

export function Header({ user }: { user: User }) {
  const signOut = useSignOut();
  return (
    <header className="header">
      <span className="brand">
        <img src="/masthead.svg" alt="" width="22" height="22" /> Masthead
      </span>
      <nav aria-label="Pages">
        <NavLink to="/live">Live</NavLink>
        <NavLink to="/replay">Replay</NavLink>
        {mayAct(user.role, 'admin') && <NavLink to="/pipelines">Pipelines</NavLink>}
      </nav>
      <Fleet />
      <div className="header-right">
        <AlertsButton user={user} />
        <Connection />
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <UnstyledButton className="user-button">
              {user.name} <span className="dim">{user.role}</span> ▾
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}
