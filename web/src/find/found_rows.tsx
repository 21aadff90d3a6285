// What was found: stretches of recordings with a small picture each, and what was written down.
import { ActionIcon, Button } from '@mantine/core';

import type { Sighting } from '../api/types';
import { utcDate, utcTime } from '../hud/format';
import { MarkShape } from '../replay/mark_shape';
import type { Mark, Names } from '../replay/marks';
import type { ReplaySession } from '../replay/replay_session';
import { Thumbnail } from '../replay/thumbnail_view';
import { durationText } from '../replay/utc_text';
import { EditIcon } from '../shell/icons';

const kThumbnailPx = 112;

export interface SightingRowProps {
  session: ReplaySession;
  sighting: Sighting;
  names: Names;
  onShow: (sighting: Sighting) => void;
  onPlay: (sighting: Sighting) => void;
}

export function SightingRow({ session, sighting, names, onShow, onPlay }: SightingRowProps) {
  const { vehicle, camera, by, from, to, best } = sighting;
  const name = `${names.get(vehicle) ?? vehicle} ${camera}`;
  const when = `${utcDate(from)} ${utcTime(from, false)}`;
  return (
    <li className="found-row">
      <button
        type="button"
        className="list-button found-sighting"
        aria-label={`${name}, ${when}: show the best picture`}
        onClick={() => onShow(sighting)}
      >
        <Thumbnail session={session} camera={sighting} us={best} width={kThumbnailPx} listed />
        <span>
          <strong>{name}</strong>
          <span>{when}</span>
          <span className="dim">
            {durationText(to - from)} · {by === 'footprint' ? 'in the picture' : 'it was there'}
          </span>
        </span>
      </button>
      <Button
        size="compact-sm"
        h={32}
        variant="default"
        aria-label={`Play ${name} from ${when}`}
        onClick={() => onPlay(sighting)}
      >
        Play
      </Button>
    </li>
  );
}

export interface MarkRowProps {
  mark: Mark;
  /** It is the newest one at the shown picture. */
  current?: boolean;
  onShow: (mark: Mark) => void;
  onEdit?: ((mark: Mark) => void) | undefined;
}

export function MarkRow({ mark, current = false, onShow, onEdit }: MarkRowProps) {
  return (
    <li className="found-row list-item" data-selected={current || undefined}>
      <button type="button" className="list-button found-mark" onClick={() => onShow(mark)}>
        <MarkShape mark={mark} />
        <span>
          <span className="dim">
            {utcDate(mark.us)} {utcTime(mark.us, false)}
            {mark.toUs !== undefined && ` – ${utcTime(mark.toUs, false)}`}
            {mark.user && ` · ${mark.user}`}
            {mark.bookmark?.protects && ' · protected'}
          </span>
          <span>
            <strong>{mark.title}</strong> {mark.detail}
          </span>
        </span>
      </button>
      {mark.bookmark && onEdit && (
        <ActionIcon
          size={32}
          variant="subtle"
          color="gray"
          aria-label={`Change the bookmark ${mark.detail}`}
          onClick={() => onEdit(mark)}
        >
          <EditIcon />
        </ActionIcon>
      )}
    </li>
  );
}
