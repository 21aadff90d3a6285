// What is to be exported of a range of one camera.
import {
  Alert,
  Button,
  Checkbox,
  Group,
  Modal,
  NativeSelect,
  SimpleGrid,
  Stack,
  Textarea,
} from '@mantine/core';
import { useState, type FormEvent } from 'react';

import type { ExportContent, Operation } from '../api/types';
import { laneKey, type Lane } from '../replay/recordings_api';
import { UtcInput } from '../replay/utc_input';
import { durationText } from '../replay/utc_text';
import { exportOf, kContents, useExport, type ExportDraft } from './operations_api';

export interface ExportDialogProps {
  lanes: readonly Lane[];
  draft: ExportDraft;
  onClose: () => void;
  onStarted: (operation: Operation) => void;
}

export function ExportDialog({ lanes, draft: first, onClose, onStarted }: ExportDialogProps) {
  const [draft, setDraft] = useState(first);
  const [tried, setTried] = useState(false);
  const starting = useExport();
  const change = (part: Partial<ExportDraft>) => setDraft((old) => ({ ...old, ...part }));
  const wanted = exportOf(draft);
  const lengthUs = (draft.toUs ?? 0) - (draft.fromUs ?? 0);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typeof wanted !== 'string') starting.mutate(wanted, { onSuccess: onStarted });
  };
  return (
    <Modal opened onClose={onClose} title="Export" size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <NativeSelect
            label="Camera"
            data={lanes.map((lane) => ({ value: laneKey(lane), label: `${lane.name} ${lane.camera}` }))}
            value={laneKey(draft)}
            onChange={(event) => {
              const lane = lanes.find((other) => laneKey(other) === event.currentTarget.value);
              if (lane) change({ vehicle: lane.vehicle, camera: lane.camera });
            }}
          />
          <Group grow align="flex-start">
            <UtcInput
              label="From"
              value={draft.fromUs}
              aroundUs={first.fromUs ?? 0}
              description="begins with the key frame before"
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              onChange={(fromUs) => change({ fromUs })}
            />
            <UtcInput
              label="To"
              value={draft.toUs}
              aroundUs={first.fromUs ?? 0}
              description={lengthUs > 0 ? durationText(lengthUs) : ''}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              onChange={(toUs) => change({ toUs })}
            />
          </Group>
          <Checkbox.Group
            label="Contents"
            value={[...draft.contents]}
            onChange={(contents) => change({ contents: contents as ExportContent[] })}
          >
            <SimpleGrid cols={2} spacing="xs" mt={6}>
              {Object.entries(kContents).map(([value, label], index) => (
                <Checkbox key={value} value={value} label={label} data-autofocus={index === 0 || undefined} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          <Checkbox
            label="One zip with manifest and SHA-256 sums, which sha256sum verifies"
            checked={draft.package}
            onChange={(event) => change({ package: event.currentTarget.checked })}
          />
          <Textarea
            label="Note"
            description="It goes into the manifest."
            autosize
            minRows={1}
            maxRows={5}
            maxLength={4000}
            value={draft.note}
            onChange={(event) => change({ note: event.currentTarget.value })}
          />
          {tried && typeof wanted === 'string' && <Alert color="yellow">{wanted}</Alert>}
          {starting.isError && (
            <Alert color="red" title="Not started">
              {starting.error.message}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={starting.isPending}>
              Export
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
