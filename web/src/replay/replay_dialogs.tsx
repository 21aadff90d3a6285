// The dialog that is open on the replay page, if one is.
import { ExportDialog } from '../operations/export_dialog';
import { ImportDialog } from '../operations/import_dialog';
import { BookmarkDialog } from './bookmark_dialog';
import type { useMarking } from './use_marking';
import type { useReplay } from './use_replay';

export interface ReplayDialogsProps {
  replay: ReturnType<typeof useReplay>;
  marking: ReturnType<typeof useMarking>;
}

export function ReplayDialogs({ replay, marking }: ReplayDialogsProps) {
  const { dialog, setDialog } = marking;
  const close = () => setDialog(undefined);
  const showOperations = () => {
    close();
    replay.change({ side: 'exports' });
  };
  switch (dialog?.type) {
    case undefined:
      return null;
    case 'bookmark': {
      const vehicle = dialog.bookmark ? dialog.bookmark.vehicle : dialog.draft.vehicle;
      const name = replay.names.get(vehicle ?? '') ?? vehicle ?? '';
      return <BookmarkDialog {...dialog} name={name} onClose={close} />;
    }
    case 'export':
      return (
        <ExportDialog lanes={replay.lanes} draft={dialog.draft} onClose={close} onStarted={showOperations} />
      );
    case 'import':
      return <ImportDialog vehicles={replay.vehicles} onClose={close} onSent={showOperations} />;
  }
}
