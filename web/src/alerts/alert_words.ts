// Alerts in words, and what of them somebody must still hear. Pure.
import type { Alert } from '../api/types';
import type { Level } from '../shell/icons';

export const levelOf = (severity: Alert['severity']): Level => (severity === 'warning' ? 'alarm' : 'caution');

export interface Summary {
  level: Level;
  text: string;
  /** That nobody has acknowledged or put aside. */
  raised: number;
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** What the top bar says. */
export function summaryOf(alerts: readonly Alert[]): Summary {
  const raised = alerts.filter(({ state }) => state === 'raised');
  const warnings = raised.filter(({ severity }) => severity === 'warning').length;
  const cautions = raised.length - warnings;
  if (raised.length === 0) {
    return { level: 'ok', text: alerts.length > 0 ? `${alerts.length} seen` : 'No alerts', raised: 0 };
  }
  const parts = [warnings > 0 && counted(warnings, 'warning'), cautions > 0 && counted(cautions, 'caution')];
  return {
    level: warnings > 0 ? 'alarm' : 'caution',
    text: parts.filter(Boolean).join(' · '),
    raised: raised.length,
  };
}

/** The window's title: the shape and the number first, where a narrow tab still shows them. */
export function titleOf({ level, raised }: Summary): string {
  return raised === 0 ? 'Masthead' : `${level === 'alarm' ? '■' : '▲'} ${raised} · Masthead`;
}

/** What was raised since: anew, or again after it was acknowledged, put aside or became worse. */
export function newlyRaised(before: readonly Alert[], after: readonly Alert[]): readonly Alert[] {
  const known = new Map(before.map((alert) => [alert.id, alert]));
  return after.filter((alert) => {
    const old = known.get(alert.id);
    return (
      alert.state === 'raised' &&
      (old?.state !== 'raised' || (old.severity === 'caution' && alert.severity === 'warning'))
    );
  });
}

/** Who has seen it, or until when it is put aside; undefined: nobody has. */
export function standingOf(alert: Alert, nowUs: number): string | undefined {
  if (alert.state === 'acknowledged') return `acknowledged by ${alert.user ?? 'somebody'}`;
  if (alert.state !== 'snoozed') return undefined;
  const minutes = Math.max(1, Math.ceil(((alert.snoozed_until ?? nowUs) - nowUs) / 60e6));
  return `put aside for ${minutes} min by ${alert.user ?? 'somebody'}`;
}
