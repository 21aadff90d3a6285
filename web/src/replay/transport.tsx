// What plays: the buttons, the speed, the instant as a text that can be changed, the loop, the cameras beside, the way back
// to live.
import { ActionIcon, Button, Checkbox, NativeSelect, NumberInput, Popover, Tooltip } from '@mantine/core';
import type { ReactNode, RefObject } from 'react';
import { Link } from 'react-router';

import type { Disk } from '../api/types';
import { diskState } from '../operations/disk';
import {
  BookmarkIcon,
  ExportIcon,
  LoopIcon,
  NextRangeIcon,
  PauseIcon,
  PlayIcon,
  PreviousRangeIcon,
  SnapshotIcon,
  StepBackIcon,
  StepIcon,
} from '../shell/icons';
import { laneKey, type Lane } from './recordings_api';
import { kMostOthers, type CameraId } from './replay_address';
import { kSpeeds, type Span, type Speed } from './replay_state';
import type { ReplaySession } from './replay_session';
import type { useMarking } from './use_marking';
import type { Message } from './use_message';
import { UtcField } from './utc_field';
import { durationText } from './utc_text';

const kSpeedNames: Record<Speed, string> = {
  0.125: '1/8×',
  0.25: '1/4×',
  0.5: '1/2×',
  1: '1×',
  2: '2×',
  4: '4×',
  8: '8×',
  16: '16×',
};

function Tool({
  label,
  icon,
  onClick,
  pressed,
}: {
  label: string;
  icon: ReactNode;
  onClick: () => void;
  pressed?: boolean;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={32}
        variant={pressed ? 'light' : 'subtle'}
        color={pressed ? 'signal' : 'gray'}
        aria-label={label.replace(/ \(.*\)$/, '')}
        aria-pressed={pressed}
        onClick={onClick}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function Trims({
  lanes,
  trims,
  onTrims,
}: {
  lanes: readonly Lane[];
  trims: Readonly<Record<string, number>>;
  onTrims: (trims: Record<string, number>) => void;
}) {
  const used = lanes.some((lane) => trims[laneKey(lane)]);
  return (
    <Popover position="top" withArrow trapFocus>
      <Popover.Target>
        <Button size="compact-sm" h={32} variant={used ? 'light' : 'subtle'} color={used ? 'signal' : 'gray'}>
          {used ? `Trim ${lanes.map((lane) => `${trims[laneKey(lane)] ?? 0}`).join(' / ')} ms` : 'Trim'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="replay-trims">
        <p>Added to a camera’s own capture times, where its clock was off. Kept in the address.</p>
        {lanes.map((lane) => (
          <NumberInput
            key={laneKey(lane)}
            size="xs"
            label={`${lane.name} ${lane.camera}`}
            suffix=" ms"
            step={10}
            min={-3_600_000}
            max={3_600_000}
            value={trims[laneKey(lane)] ?? 0}
            onChange={(value) => onTrims({ ...trims, [laneKey(lane)]: Number(value) || 0 })}
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

/** Which cameras are shown beside the first. */
function Beside({
  lanes,
  others,
  onOthers,
}: {
  lanes: readonly Lane[];
  others: readonly Lane[];
  onOthers: (cameras: readonly CameraId[]) => void;
}) {
  const [first] = others;
  const label = !first
    ? 'Cameras beside'
    : others.length > 1
      ? `${others.length} beside`
      : `with ${first.name} ${first.camera}`;
  return (
    <Popover position="top" withArrow trapFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          h={32}
          variant={first ? 'light' : 'subtle'}
          color={first ? 'signal' : 'gray'}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="replay-beside">
        <p>Played in step by UTC, at most {kMostOthers}. B brings the next one to the front.</p>
        <Checkbox.Group
          aria-label="Cameras beside"
          value={others.map(laneKey)}
          onChange={(keys) => onOthers(lanes.filter((lane) => keys.includes(laneKey(lane))))}
        >
          {lanes.map((lane) => (
            <Checkbox
              key={laneKey(lane)}
              value={laneKey(lane)}
              label={`${lane.name} ${lane.camera}`}
              disabled={others.length >= kMostOthers && !others.includes(lane)}
            />
          ))}
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}

export interface TransportProps {
  session: ReplaySession;
  lanes: readonly Lane[];
  lane: Lane | undefined;
  others: readonly Lane[];
  loop: Span | undefined;
  trims: Readonly<Record<string, number>>;
  field: RefObject<HTMLInputElement | null>;
  playing: boolean;
  speed: Speed;
  onTogglePlay: () => void;
  onStep: (by: number) => void;
  onRange: (direction: 1 | -1) => void;
  onSeek: (us: number) => void;
  onLoop: () => void;
  onOthers: (cameras: readonly CameraId[]) => void;
  onTrims: (trims: Record<string, number>) => void;
  marking: ReturnType<typeof useMarking>;
  disk: Disk | undefined;
}

/** How the disk is, unless there is something to say that somebody has just asked for. */
function TransportMessage({ message, disk }: { message: Message | undefined; disk: Disk | undefined }) {
  const state = disk && diskState(disk);
  const level = message ? message.level : state?.level === 'caution' ? 'caution' : undefined;
  return (
    <span
      className="transport-message"
      role="status"
      data-level={level}
      title={message ? undefined : state?.detail}
    >
      {level === 'caution' && '▲ '}
      {message?.text ?? state?.text}
    </span>
  );
}

export function Transport(props: TransportProps) {
  const { session, lanes, lane, others, loop, playing, speed, onStep, onRange, marking } = props;
  const inUse = [...(lane ? [lane] : []), ...others];
  return (
    <div className="transport" role="toolbar" aria-label="Playing">
      <Tool label="Previous recording ([)" icon={<PreviousRangeIcon />} onClick={() => onRange(-1)} />
      <Tool label="Frame back (,)" icon={<StepBackIcon />} onClick={() => onStep(-1)} />
      <Tool
        label={playing ? 'Pause (space)' : 'Play (space)'}
        icon={playing ? <PauseIcon /> : <PlayIcon />}
        onClick={props.onTogglePlay}
      />
      <Tool label="Frame forward (.)" icon={<StepIcon />} onClick={() => onStep(1)} />
      <Tool label="Next recording (])" icon={<NextRangeIcon />} onClick={() => onRange(1)} />
      <NativeSelect
        size="xs"
        className="replay-speed"
        aria-label="Speed (< and >)"
        data={kSpeeds.map((value) => ({ value: String(value), label: kSpeedNames[value] }))}
        value={String(speed)}
        onChange={(event) => {
          session.setSpeed(Number(event.currentTarget.value) as Speed);
          event.currentTarget.blur(); // The page's keys again.
        }}
      />
      <UtcField session={session} field={props.field} onSeek={props.onSeek} />
      <Tool
        label={loop ? 'End the loop (L)' : 'Loop 10 s from here (L); I and O set its ends'}
        icon={<LoopIcon />}
        pressed={loop !== undefined}
        onClick={props.onLoop}
      />
      <Tool
        label="Bookmark this instant, or the loop’s range (M)"
        icon={<BookmarkIcon />}
        onClick={() => marking.bookmark()}
      />
      <Tool
        label="Save this frame as a PNG (S)"
        icon={<SnapshotIcon />}
        onClick={() => void marking.snapshot()}
      />
      <Tool
        label="Export the loop’s range, or a minute around here (X)"
        icon={<ExportIcon />}
        onClick={marking.exportRange}
      />
      {loop && <span className="dim">loop {durationText(loop.toUs - loop.fromUs)}</span>}
      <TransportMessage message={marking.message} disk={props.disk} />
      {lanes.length > 1 && (
        <Beside lanes={lanes.filter((other) => other !== lane)} others={others} onOthers={props.onOthers} />
      )}
      {inUse.length > 0 && <Trims lanes={inUse} trims={props.trims} onTrims={props.onTrims} />}
      <Button
        component={Link}
        to={
          lane
            ? `/live?vehicle=${encodeURIComponent(lane.vehicle)}&camera=${encodeURIComponent(lane.camera)}`
            : '/live'
        }
        size="compact-sm"
        h={32}
        variant="default"
      >
        Live
      </Button>
    </div>
  );
}
