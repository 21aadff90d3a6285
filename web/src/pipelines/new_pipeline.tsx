// A new pipeline file: its name, and what it begins from. It is written when it is applied.
import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { get } from '../api/client';
import type { Pipeline } from '../api/types';
import { withLineFeeds } from './pipelines_api';

const kName = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const kMinimalText = `# yaml-language-server: $schema=../schema/pipeline.schema.json
title: RTSP camera
parameters:
  uri: {type: uri, description: the camera's RTSP address}
ingest:
  uri: \${uri}
outputs:
  webrtc: {}
`;

/** What is wrong with a new file's name; undefined when nothing is. */
export function nameError(name: string, taken: readonly string[]): string | undefined {
  if (!kName.test(name))
    return 'Lower-case letters, digits and hyphens, at most 63, beginning with a letter or digit.';
  if (taken.includes(name)) return 'There is a file of this name already.';
  return undefined;
}

export interface NewPipelineProps {
  names: readonly string[];
  /** Names that can be copied. */
  sources: readonly string[];
  source: string | undefined;
  onCreate: (name: string, text: string) => void;
  onClose: () => void;
}

export function NewPipeline({ names, sources, source, onCreate, onClose }: NewPipelineProps) {
  const [name, setName] = useState('');
  const [from, setFrom] = useState(source ?? '');
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<string>();
  const error = nameError(name, names);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (error !== undefined) return;
    try {
      const text =
        from === ''
          ? kMinimalText
          : withLineFeeds(await get<Pipeline>(`/api/pipelines/${encodeURIComponent(from)}`)).text;
      onCreate(name, text);
    } catch (cause) {
      setFailure(cause instanceof Error ? cause.message : String(cause));
    }
  };
  return (
    <Modal opened onClose={onClose} title="New pipeline file" centered>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="sm">
          <TextInput
            label="Name"
            description="Cameras name the file by it; it is the file’s name without .yaml."
            required
            data-autofocus
            maxLength={63}
            value={name}
            error={tried ? error : undefined}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="Begin with"
            data={[
              { value: '', label: 'a minimal text' },
              ...sources.map((value) => ({ value, label: `a copy of ${value}` })),
            ]}
            value={from}
            allowDeselect={false}
            onChange={(value) => setFrom(value ?? '')}
          />
          {failure !== undefined && (
            <Alert color="red" variant="outline" role="alert">
              {failure}
            </Alert>
          )}
          <Group>
            <Button type="submit">Begin</Button>
            <span className="dim">It is written when you apply it.</span>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
