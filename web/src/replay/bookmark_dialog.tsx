// A bookmark: an instant or a range with a note; who made it and when. New, changed or removed.
import { Alert, Button, Checkbox, Group, Modal, SegmentedControl, Stack, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import type { Bookmark } from '../api/types';
import { utcDate, utcTime } from '../hud/format';
import { draftOfBookmark, editOf, useBookmarkChange, type BookmarkDraft, type Scope } from './bookmarks_api';
import { UtcInput } from './utc_input';
import { durationText } from './utc_text';

export interface BookmarkDialogProps {
  /** Undefined: a new one, which begins as `draft`. */
  bookmark: Bookmark | undefined;
  draft: BookmarkDraft;
  /** What the draft's vehicle is called. */
  name: string;
  onClose: () => void;
}

function scopes({ vehicle, camera }: BookmarkDraft, name: string): { value: Scope; label: string }[] {
  return [
    ...(camera ? [{ value: 'camera' as const, label: `${name} ${camera}` }] : []),
    ...(vehicle ? [{ value: 'vehicle' as const, label: `all of ${name}` }] : []),
    { value: 'all', label: 'all vehicles' },
  ];
}

export function BookmarkDialog({ bookmark, draft: first, name, onClose }: BookmarkDialogProps) {
  const [draft, setDraft] = useState(() => (bookmark ? draftOfBookmark(bookmark) : first));
  const [tried, setTried] = useState(false);
  const [asked, setAsked] = useState(false);
  const changing = useBookmarkChange();
  const change = (part: Partial<BookmarkDraft>) => setDraft((old) => ({ ...old, ...part }));
  const edit = editOf(draft);
  const lengthUs = (draft.toUs ?? 0) - (draft.fromUs ?? 0);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof edit !== 'string') changing.mutate({ id: bookmark?.id, edit }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={bookmark ? 'Bookmark' : 'New bookmark'} size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Textarea
            label="Note"
            data-autofocus
            autosize
            minRows={2}
            maxRows={8}
            maxLength={4000}
            value={draft.note}
            onChange={(event) => change({ note: event.currentTarget.value })}
          />
          <SegmentedControl
            aria-label="Of"
            data={scopes(draft, name)}
            value={draft.scope}
            onChange={(scope) => change({ scope: scope as Scope })}
          />
          <Group grow align="flex-start">
            <UtcInput
              label="From"
              value={draft.fromUs}
              aroundUs={first.fromUs ?? 0}
              onChange={(fromUs) => change({ fromUs })}
            />
            <UtcInput
              label="To"
              value={draft.toUs}
              aroundUs={first.fromUs ?? 0}
              description={lengthUs > 0 ? durationText(lengthUs) : 'an instant'}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              onChange={(toUs) => change({ toUs })}
            />
          </Group>
          <Checkbox
            label="Never remove recordings that it touches"
            checked={draft.protects}
            onChange={(event) => change({ protects: event.currentTarget.checked })}
          />
          {bookmark && (
            <p className="dim">
              Made by {bookmark.user}, {utcDate(bookmark.created)} {utcTime(bookmark.created, false)} UTC
            </p>
          )}
          {tried && typeof edit === 'string' && <Alert color="yellow">{edit}</Alert>}
          {changing.isError && (
            <Alert color="red" title="Not saved">
              {changing.error.message}
            </Alert>
          )}
          <Group justify="space-between">
            {bookmark && (
              <Button
                variant={asked ? 'filled' : 'subtle'}
                color="red"
                onBlur={() => setAsked(false)}
                onClick={() => {
                  if (asked) changing.mutate({ remove: bookmark.id }, { onSuccess: onClose });
                  else setAsked(true);
                }}
              >
                {asked ? 'Remove this bookmark' : 'Remove…'}
              </Button>
            )}
            <Button type="submit" ml="auto" loading={changing.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
