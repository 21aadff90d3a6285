// What the control panel has opened: a menu of commands, a form, or the commands of late.
import type { CommandName, CommandRow, KindVehicle, Part } from '../api/types';
import { CommandList } from './command_chain';
import { CommandForm } from './command_form';
import { CommandMenu } from './command_menu';
import type { Draft } from './command_parameters';
import { useCommands, useConnections } from '../live/connections';
import type { CommandMore, LeaseAct } from './control_store';
import { ForceForm, HandOverForm } from './lease_form';
import { rowOf, titleOf, whyNot, type Standing } from './may_command';
import { Sheet } from './sheet';

export type Opened =
  /** An emergency that waits for its confirmation. */
  | { show: 'confirm'; name: CommandName }
  | { show: 'commands'; part: Part }
  | { show: 'command'; name: CommandName; prefill: Draft }
  | { show: 'hand_over' | 'force'; part: Part }
  | { show: 'history' };

export interface ControlSheetProps {
  vehicle: KindVehicle;
  standing: Standing;
  opened: Exclude<Opened, { show: 'confirm' }>;
  onOpen: (opened: Opened | undefined) => void;
}

const wholeOf = (vehicle: KindVehicle, part: Part) =>
  part === 'vehicle' ? vehicle.name : `${vehicle.name}’s payload`;

function titleOfSheet(vehicle: KindVehicle, opened: ControlSheetProps['opened']): string {
  switch (opened.show) {
    case 'commands':
      return `Commands to ${wholeOf(vehicle, opened.part)}`;
    case 'command':
      return `${titleOf(opened.name)}: ${vehicle.name}`;
    case 'hand_over':
      return `Hand over ${wholeOf(vehicle, opened.part)}`;
    case 'force':
      return `Take ${wholeOf(vehicle, opened.part)} by force`;
    case 'history':
      return `Newest commands to ${vehicle.name}`;
  }
}

function Content({ vehicle, standing, opened, onOpen }: ControlSheetProps) {
  const { control } = useConnections();
  const commands = useCommands(vehicle.id);
  if (opened.show === 'history') return <CommandList commands={commands} />;
  if (opened.show === 'commands') {
    const choose = ({ name, danger, parameters }: CommandRow) =>
      danger === 'none' && parameters.length === 0
        ? control.send(vehicle.id, name)
        : onOpen({ show: 'command', name, prefill: {} });
    return <CommandMenu kind={vehicle.kind} part={opened.part} standing={standing} onChoose={choose} />;
  }
  if (opened.show === 'command') {
    const row = rowOf(opened.name);
    if (!row) return null;
    const send = (more: CommandMore) => {
      control.send(vehicle.id, row.name, more);
      // What is harmless is sent again and again: a gimbal is pointed until it points right.
      if (row.danger !== 'none') onOpen(undefined);
    };
    return (
      <CommandForm
        vehicle={vehicle}
        row={row}
        prefill={opened.prefill}
        why={whyNot(row, standing)}
        onSend={send}
      />
    );
  }
  const { lease } = standing.leases[opened.part];
  if (!lease) return <p className="reason">The lease has become free.</p>;
  const act = (request: LeaseAct) => {
    onOpen(undefined);
    control.act(vehicle.id, opened.part, request);
  };
  const Form = opened.show === 'force' ? ForceForm : HandOverForm;
  return <Form lease={lease} what={wholeOf(vehicle, opened.part)} onAct={act} />;
}

export function ControlSheet(props: ControlSheetProps) {
  const { vehicle, opened, onOpen } = props;
  return (
    <Sheet
      key={`${vehicle.id} ${JSON.stringify(opened)}`}
      title={titleOfSheet(vehicle, opened)}
      onClose={() => onOpen(undefined)}
    >
      <Content {...props} />
    </Sheet>
  );
}
