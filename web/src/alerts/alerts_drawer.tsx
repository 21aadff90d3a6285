// What is wrong just now, worst first, and what somebody does about it.
import { Button, Drawer, Menu, Switch } from '@mantine/core';

import type { Alert, User } from '../api/types';
import { useVehicles } from '../api/vehicles';
import { utcTime } from '../hud/format';
import { useServerNow } from '../live/connections';
import { mayAct } from '../session/session';
import { StateMark } from '../shell/icons';
import { setMuted, useMuted } from './alert_sound';
import { levelOf, standingOf } from './alert_words';
import { useAlertAction } from './alerts_api';
import { FenceList } from './fence_list';

const kSnoozeMinutes = [5, 15, 60];

interface ItemProps {
  alert: Alert;
  name: string;
  nowUs: number;
  mayChange: boolean;
}

function AlertItem({ alert, name, nowUs, mayChange }: ItemProps) {
  const action = useAlertAction(alert.id);
  const standing = standingOf(alert, nowUs);
  const level = levelOf(alert.severity);
  return (
    <li className="alert-item" data-severity={alert.severity} data-seen={standing !== undefined || undefined}>
      <p className="alert-head">
        <span data-level={level}>
          <StateMark level={level} /> {alert.severity}
        </span>
        <strong>{name}</strong>
        <time className="dim">{utcTime(alert.raised, false)} UTC</time>
      </p>
      <p>{alert.message}</p>
      {standing && <p className="dim">{standing}</p>}
      <div className="alert-actions">
        <Button
          size="xs"
          variant="default"
          disabled={!mayChange || alert.state === 'acknowledged'}
          loading={action.isPending}
          onClick={() => action.mutate(undefined)}
        >
          Acknowledge
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="default" disabled={!mayChange}>
              Put aside ▾
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {kSnoozeMinutes.map((minutes) => (
              <Menu.Item key={minutes} onClick={() => action.mutate(minutes)}>
                for {minutes} min
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {action.isError && (
        <p className="reason" role="alert">
          {action.error.message}
        </p>
      )}
    </li>
  );
}

interface DrawerProps {
  user: User;
  alerts: readonly Alert[];
  opened: boolean;
  onClose: () => void;
}

export function AlertsDrawer({ user, alerts, opened, onClose }: DrawerProps) {
  const { data: vehicles } = useVehicles();
  const nowUs = useServerNow(5000);
  const muted = useMuted();
  const mayChange = mayAct(user.role, 'operator');
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={380}
      title="Alerts"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Switch
        label="Sound in this browser"
        checked={!muted}
        onChange={(event) => setMuted(!event.currentTarget.checked)}
      />
      {!mayChange && <p className="reason">Acknowledging needs the role operator; yours is {user.role}.</p>}
      {alerts.length === 0 ? (
        <p className="dim alerts-none">Nothing is wrong. What was is among the events of the replay.</p>
      ) : (
        <ul className="alert-list" aria-label="Open alerts">
          {alerts.map((alert) => (
            <AlertItem
              key={alert.id}
              alert={alert}
              name={vehicles?.find(({ id }) => id === alert.vehicle)?.name ?? alert.vehicle}
              nowUs={nowUs}
              mayChange={mayChange}
            />
          ))}
        </ul>
      )}
      <h3 className="alerts-fences">Geofences</h3>
      <FenceList vehicles={vehicles ?? []} mayChange={mayAct(user.role, 'supervisor')} />
    </Drawer>
  );
}
