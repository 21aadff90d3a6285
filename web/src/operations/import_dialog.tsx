// A file from elsewhere that is to become a recording.
import { Alert, Autocomplete, Button, FileInput, Group, Modal, Progress, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { ApiError } from '../api/client';
import type { KindVehicle, Operation } from '../api/types';
import { cameraNames } from '../api/vehicles';
import { UtcInput } from '../replay/utc_input';
import { importErrors, sendImport, type ImportDraft } from './import_draft';
import { bytesText, kOperationsKey } from './operations_api';

export interface ImportDialogProps {
  vehicles: readonly KindVehicle[];
  onClose: () => void;
  onSent: (operation: Operation) => void;
}

const kEmpty: ImportDraft = {
  file: undefined,
  log: undefined,
  vehicle: '',
  camera: 'imported',
  beginUs: undefined,
  hasBegin: false,
};

/** The upload that is under way, if one is. */
function useSending(onSent: (operation: Operation) => void) {
  const queries = useQueryClient();
  const [share, setShare] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const send = async (draft: ImportDraft & { file: File }) => {
    abort.current = new AbortController();
    setProblem(undefined);
    setShare(0);
    try {
      const operation = await sendImport(draft, setShare, abort.current.signal);
      void queries.invalidateQueries({ queryKey: kOperationsKey });
      onSent(operation);
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.message);
    } finally {
      setShare(undefined);
    }
  };
  return { share, problem, send, cancel: () => abort.current?.abort() };
}

export function ImportDialog({ vehicles, onClose, onSent }: ImportDialogProps) {
  const [draft, setDraft] = useState(kEmpty);
  const [tried, setTried] = useState(false);
  const { share, problem, send, cancel } = useSending(onSent);
  const [todayUs] = useState(() => Date.now() * 1000);
  const change = (part: Partial<ImportDraft>) => setDraft((old) => ({ ...old, ...part }));
  const errors = importErrors(draft);
  const shownErrors = tried ? errors : {};
  const isSending = share !== undefined;
  const chosen = vehicles.find(({ id }) => id === draft.vehicle);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const { file } = draft;
    if (file && Object.keys(errors).length === 0) void send({ ...draft, file });
  };
  const close = () => {
    cancel();
    onClose();
  };
  return (
    <Modal opened onClose={close} title="Import" size="md" closeOnClickOutside={!isSending}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <FileInput
            label="Video"
            description="MPEG-TS or MP4 with H.264 or H.265, with or without KLV"
            placeholder="Choose a file"
            accept=".ts,.m2ts,.mpg,.mp4,.m4v,.mov,video/*"
            data-autofocus
            disabled={isSending}
            value={draft.file ?? null}
            error={shownErrors.file}
            onChange={(file) => change({ file: file ?? undefined })}
          />
          <FileInput
            label="Telemetry log"
            description="If there is one: tlog, NMEA, CSV or DJI .SRT"
            placeholder="None"
            clearable
            disabled={isSending}
            value={draft.log ?? null}
            onChange={(log) => change({ log: log ?? undefined })}
          />
          <Group grow align="flex-start">
            <Autocomplete
              label="Vehicle"
              description="Its id; may be a new one"
              data={vehicles.map(({ id }) => id)}
              disabled={isSending}
              value={draft.vehicle}
              error={shownErrors.vehicle}
              onChange={(vehicle) => change({ vehicle })}
            />
            <Autocomplete
              label="Camera"
              description="Its name; may be a new one"
              data={chosen ? cameraNames(chosen) : []}
              disabled={isSending}
              value={draft.camera}
              error={shownErrors.camera}
              onChange={(camera) => change({ camera })}
            />
          </Group>
          <UtcInput
            label="First frame"
            description="Only if neither the file nor the log tells when it was taken"
            value={draft.beginUs}
            aroundUs={todayUs}
            onChange={(beginUs, typed) => change({ beginUs, hasBegin: typed !== '' })}
          />
          {problem && (
            <Alert color="red" title="Not imported">
              {problem}
            </Alert>
          )}
          <div className="import-progress" role="status" aria-live="polite">
            {isSending && (
              <>
                <Progress value={share * 100} aria-label="Sent" />
                <span className="dim">
                  {bytesText(share * (draft.file?.size ?? 0))} of {bytesText(draft.file?.size ?? 0)} sent
                </span>
              </>
            )}
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={isSending ? cancel : close}>
              {isSending ? 'Stop sending' : 'Cancel'}
            </Button>
            <Button type="submit" loading={isSending}>
              Import
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
