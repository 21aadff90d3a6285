// One camera in the vehicle's form: name, pipeline, and what that pipeline wants to know.
import { CloseButton, Fieldset, Group, Select, TextInput } from '@mantine/core';

import type { PipelineInfo } from '../api/types';
import type { CameraDraft } from './vehicle_draft';

export interface CameraFieldsProps {
  camera: CameraDraft;
  pipelines: readonly PipelineInfo[];
  /** The error of one field: `name`, `pipeline` or a parameter's name. */
  errorOf: (field: string) => string | undefined;
  onChange: (camera: CameraDraft) => void;
  onRemove: () => void;
}

export function CameraFields({ camera, pipelines, errorOf, onChange, onRemove }: CameraFieldsProps) {
  const pipeline = pipelines.find(({ name }) => name === camera.pipeline);
  return (
    <Fieldset
      legend={
        <Group gap="xs">
          Camera {camera.name}
          <CloseButton size="sm" aria-label={`Remove camera ${camera.name}`} onClick={onRemove} />
        </Group>
      }
    >
      <TextInput
        label="Name"
        required
        value={camera.name}
        error={errorOf('name')}
        onChange={(event) => onChange({ ...camera, name: event.currentTarget.value })}
      />
      <Select
        label="Pipeline"
        required
        allowDeselect={false}
        data={pipelines.map(({ name, title }) => ({ value: name, label: title }))}
        value={camera.pipeline || null}
        error={errorOf('pipeline')}
        onChange={(value) => onChange({ ...camera, pipeline: value ?? '' })}
      />
      {(pipeline?.parameters ?? []).map((parameter) => (
        <TextInput
          key={parameter.name}
          label={parameter.unit ? `${parameter.name}, ${parameter.unit}` : parameter.name}
          description={parameter.description}
          placeholder={parameter.default === undefined ? undefined : String(parameter.default)}
          required={parameter.default === undefined}
          value={camera.parameters[parameter.name] ?? ''}
          error={errorOf(parameter.name)}
          onChange={(event) =>
            onChange({
              ...camera,
              parameters: { ...camera.parameters, [parameter.name]: event.currentTarget.value },
            })
          }
        />
      ))}
    </Fieldset>
  );
}
