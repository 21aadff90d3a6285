// A command's way to the vehicle and back, as people read it. Pure.
import type { CommandStep } from '../api/types';
import { isFinal, type CommandState, type TrackedCommand } from './command_history';
import { rowOf } from './may_command';

const kSteps: readonly CommandStep['state'][] = ['queued', 'sent', 'accepted', 'completed'];

export const kStateWords: Readonly<Record<CommandState, string>> = {
  sending: 'sending',
  queued: 'queued',
  sent: 'sent',
  accepted: 'accepted',
  in_progress: 'in progress',
  completed: 'completed',
  denied: 'denied',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
  refused: 'not sent',
};

export interface ChainLink {
  word: string;
  mark: 'done' | 'now' | 'ahead' | 'bad';
  /** UTC microseconds. */
  time?: number | undefined;
}

/** The chain as it stands: what was passed, where it is, what lies ahead, or where it broke. */
export function commandChain({ state, steps = [] }: Pick<TrackedCommand, 'state' | 'steps'>): ChainLink[] {
  const inTime = steps.filter(({ late }) => !late);
  const timeOf = (wanted: CommandState) => inTime.find((step) => step.state === wanted)?.time;
  if (isFinal(state) && state !== 'completed') {
    const passed = kSteps.filter((step) => timeOf(step) !== undefined);
    return [
      ...passed.map((step): ChainLink => ({ word: kStateWords[step], mark: 'done', time: timeOf(step) })),
      { word: kStateWords[state], mark: 'bad', time: timeOf(state) },
    ];
  }
  const isMoving = state === 'in_progress';
  const reached = kSteps.findIndex((step) => step === (isMoving ? 'accepted' : state));
  return kSteps.map((step, index) => {
    const shown = step === 'accepted' && isMoving ? state : step;
    const isPassed = index < reached || state === 'completed';
    return {
      word: kStateWords[shown],
      mark: isPassed ? 'done' : index === reached ? 'now' : 'ahead',
      time: timeOf(shown),
    };
  });
}

/** "to autopilot 1/1, sent again 1×". */
export function sendingWords({ target, resends = 0 }: TrackedCommand): string {
  const to = target === undefined ? [] : [`to ${target}`];
  return [...to, ...(resends > 0 ? [`sent again ${resends}×`] : [])].join(', ');
}

/** "latitude 54.1°, above home 40 m". */
export function parameterWords({ command, parameters = {} }: TrackedCommand): string {
  const fields = rowOf(command)?.parameters ?? [];
  return Object.entries(parameters)
    .map(([name, value]) => {
      const field = fields.find((each) => each.name === name);
      const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
      const unit = field?.unit ?? '';
      return `${field?.title ?? name} ${text}${unit === '' || '°%'.includes(unit) ? unit : ` ${unit}`}`;
    })
    .join(', ');
}
