// The alerts in the top bar: how many nobody has seen, their sound and the window's title; the drawer behind them.
import { UnstyledButton } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import type { Alert, User } from '../api/types';
import { StateMark } from '../shell/icons';
import { useKeys } from '../shell/keys';
import { newlyRaised, summaryOf, titleOf } from './alert_words';
import { repeatWarning, sound } from './alert_sound';
import { useAlerts } from './alerts_api';
import { AlertsDrawer } from './alerts_drawer';
import './alerts.css';

function useSignals(alerts: readonly Alert[]): void {
  const before = useRef<readonly Alert[]>([]);
  const summary = summaryOf(alerts);
  const title = titleOf(summary);
  const warns = summary.level === 'alarm';
  useEffect(() => {
    const news = newlyRaised(before.current, alerts);
    before.current = alerts;
    if (news.length > 0) sound(news.some(({ severity }) => severity === 'warning') ? 'warning' : 'caution');
  }, [alerts]);
  useEffect(() => repeatWarning(warns), [warns]);
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = 'Masthead';
    };
  }, [title]);
}

export function AlertsButton({ user }: { user: User }) {
  const alerts = useAlerts();
  const [opened, setOpened] = useState(false);
  const { level, text } = summaryOf(alerts);
  useSignals(alerts);
  useKeys([{ keys: ['!'], shown: '!', what: 'Alerts', act: () => setOpened(true) }]);
  return (
    <>
      <UnstyledButton
        className="alerts-button"
        data-level={level}
        aria-haspopup="dialog"
        title="Alerts (key !)"
        onClick={() => setOpened(true)}
      >
        <StateMark level={level === 'ok' && alerts.length === 0 ? 'off' : level} />{' '}
        <span role="status">{text}</span>
      </UnstyledButton>
      <AlertsDrawer user={user} alerts={alerts} opened={opened} onClose={() => setOpened(false)} />
    </>
  );
}
