// What a person can make of a recording: bookmarks, exports, snapshots, imports; and the keys for it.
import { useRef, useState } from 'react';

import { ApiError } from '../api/client';
import type { Bookmark, User } from '../api/types';
import type { Find } from '../find/use_find';
import { newExport, type ExportDraft } from '../operations/operations_api';
import { mayAct } from '../session/session';
import type { KeyAction } from '../shell/keys';
import type { BookmarkDraft } from './bookmarks_api';
import { neighbour, type Mark } from './marks';
import type { ReplaySession } from './replay_session';
import { saveSnapshot } from './snapshot';
import { useMessage } from './use_message';
import type { useReplay } from './use_replay';

export type OpenDialog =
  | { type: 'bookmark'; bookmark: Bookmark | undefined; draft: BookmarkDraft }
  | { type: 'export'; draft: ExportDraft }
  | { type: 'import' };

export function useMarking(
  session: ReplaySession,
  replay: ReturnType<typeof useReplay>,
  find: Find,
  user: User,
  seek: (us: number) => void,
) {
  const { address, change, lane, marks } = replay;
  const [dialog, setDialog] = useState<OpenDialog>();
  const [message, say] = useMessage();
  const [saving, setSaving] = useState(false);
  const findField = useRef<HTMLInputElement>(null);
  const may = mayAct(user.role, 'operator');
  const refuse = (what: string) =>
    say({ text: `${what} need the role operator or admin; you are a ${user.role}.`, level: 'alarm' });

  const bookmark = (known?: Mark) => {
    if (!may) return refuse('Bookmarks');
    const us = session.utcUs;
    if (us === undefined) return;
    const { fromUs, toUs } = address.loop ?? { fromUs: us, toUs: us };
    const draft: BookmarkDraft = {
      scope: lane ? 'camera' : 'all',
      vehicle: lane?.vehicle ?? '',
      camera: lane?.camera ?? '',
      fromUs: Math.floor(fromUs),
      toUs: Math.floor(toUs),
      note: '',
      protects: false,
    };
    setDialog({ type: 'bookmark', bookmark: known?.bookmark, draft });
  };
  const exportRange = () => {
    if (!may) return refuse('Exports');
    const us = session.utcUs;
    if (!lane || us === undefined) return;
    setDialog({ type: 'export', draft: newExport(lane, address.loop, us, session.trimUs(lane)) });
  };
  const importFile = () => (may ? setDialog({ type: 'import' }) : refuse('Imports'));
  const snapshot = async () => {
    const { first } = session;
    if (!first?.shown || saving) return;
    const us = first.shown.frame?.utcUs;
    if (!us)
      return say({ text: 'No snapshot: the frame does not say when it was captured.', level: 'alarm' });
    setSaving(true);
    try {
      say({ text: `Saved ${await saveSnapshot(first, us)}` });
    } catch (error) {
      const why = error instanceof ApiError ? error.message : String(error);
      say({ text: `No snapshot: ${why}`, level: 'alarm' });
    } finally {
      setSaving(false);
    }
  };
  const toMark = (direction: 1 | -1) => {
    const us = session.utcUs;
    const mark = us === undefined ? undefined : neighbour(marks, us, direction);
    if (mark) seek(mark.us);
    else say({ text: `No ${direction > 0 ? 'later' : 'earlier'} event in the timeline’s surroundings.` });
  };
  const openFind = () => {
    change({ side: 'find' });
    requestAnimationFrame(() => findField.current?.focus());
  };
  const draw = (type: 'point' | 'area') => {
    change({ side: 'find' });
    find.draw(type);
  };

  const actions: KeyAction[] = [
    {
      keys: ['n', 'p'],
      shown: 'N P',
      what: 'Next or previous event',
      act: (key) => toMark(key === 'n' ? 1 : -1),
    },
    { keys: ['e'], shown: 'E', what: 'Events and bookmarks', act: () => change({ side: 'events' }) },
    {
      keys: ['m'],
      shown: 'M',
      what: 'Bookmark this instant, or the loop’s range',
      act: () => bookmark(),
    },
    { keys: ['s'], shown: 'S', what: 'Save this frame as a PNG', act: () => void snapshot() },
    { keys: ['x'], shown: 'X', what: 'Export the loop’s range, or a minute around here', act: exportRange },
    { keys: ['X'], shown: 'Shift X', what: 'Exports and imports', act: () => change({ side: 'exports' }) },
    { keys: ['/'], shown: '/', what: 'Find: text, or what saw a place', act: openFind },
    {
      keys: ['d', 'D'],
      shown: 'D Shift D',
      what: 'Find what saw an area or a point: draw it on the map',
      act: (key) => draw(key === 'd' ? 'area' : 'point'),
    },
  ];
  return {
    actions,
    dialog,
    setDialog,
    message,
    saving,
    findField,
    bookmark,
    exportRange,
    importFile,
    snapshot,
    may,
  };
}
