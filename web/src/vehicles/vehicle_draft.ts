// A vehicle's settings while they are being edited, and what is wrong with them.
import type { Camera, Kind, KindVehicle, PipelineInfo, Vehicle } from '../api/types';

export interface CameraDraft {
  /** Tells rows apart while names change. */
  key: number;
  name: string;
  pipeline: string;
  /** As typed; made into the pipeline's types when it is sent. */
  parameters: Record<string, string>;
}

export interface VehicleDraft {
  kind: Kind;
  id: string;
  name: string;
  linkUri: string;
  linkAddress: string;
  controlUri: string;
  controlAddress: string;
  cameras: CameraDraft[];
}

export type Parameter = NonNullable<PipelineInfo['parameters']>[number];

const kId = /^[a-z0-9][a-z0-9-]{0,62}$/;
let lastKey = 0;

/** An id from a name: "Kestrel 2" is "kestrel-2". */
export function idFrom(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}

export function newCamera(taken: readonly CameraDraft[]): CameraDraft {
  const names = new Set(taken.map(({ name }) => name));
  let number = 1;
  while (names.has(number === 1 ? 'main' : `camera-${number}`)) number += 1;
  lastKey += 1;
  return { key: lastKey, name: number === 1 ? 'main' : `camera-${number}`, pipeline: '', parameters: {} };
}

export function draftOf(vehicle: KindVehicle | undefined): VehicleDraft {
  return {
    kind: vehicle?.kind ?? 'drone',
    id: vehicle?.id ?? '',
    name: vehicle?.name ?? '',
    linkUri: vehicle?.link?.uri ?? '',
    linkAddress: vehicle?.link?.address ?? '',
    controlUri: vehicle?.control?.uri ?? '',
    controlAddress: vehicle?.control?.address ?? '',
    cameras: (vehicle?.cameras ?? []).map(({ name, pipeline, parameters }) => {
      lastKey += 1;
      const typed = Object.entries(parameters ?? {}).map(([key, value]) => [key, String(value)]);
      return {
        key: lastKey,
        name,
        pipeline,
        parameters: Object.fromEntries(typed) as Record<string, string>,
      };
    }),
  };
}

function parameterError(parameter: Parameter, value: string): string | undefined {
  if (value === '')
    return parameter.default === undefined ? 'Needed: this parameter has no default.' : undefined;
  const number = Number(value);
  if (parameter.type === 'integer' && !Number.isInteger(number)) return 'A whole number is needed.';
  if (parameter.type === 'number' && !Number.isFinite(number)) return 'A number is needed.';
  if (parameter.type === 'boolean' && value !== 'true' && value !== 'false')
    return 'true or false is needed.';
  if (parameter.type === 'uri' && !/^[a-z][a-z0-9+.-]*:/i.test(value)) {
    return 'An address with its scheme is needed, such as rtsp://HOST/PATH.';
  }
  return undefined;
}

/** By field: `name`, `id`, `linkUri`, `cameras.0.name`, `cameras.0.uri`... Empty: it can be sent. */
export function draftErrors(
  draft: VehicleDraft,
  pipelines: readonly PipelineInfo[],
  taken: ReadonlySet<string>,
): Record<string, string> {
  const errors: Record<string, string> = {};
  if (draft.name.trim() === '') errors['name'] = 'A name is needed.';
  if (!kId.test(draft.id))
    errors['id'] = 'Small letters, digits and hyphens; it begins with a letter or digit.';
  else if (taken.has(draft.id)) errors['id'] = 'Another vehicle has this id.';
  const address = /^[a-z][a-z0-9+.-]*:\/\/.+/i;
  if (draft.linkUri !== '' && !address.test(draft.linkUri))
    errors['linkUri'] = 'SCHEME://HOST:PORT is needed.';
  if (draft.controlUri !== '' && !address.test(draft.controlUri))
    errors['controlUri'] = 'SCHEME://HOST:PORT is needed.';
  const names = new Set<string>();
  draft.cameras.forEach((camera, index) => {
    const at = `cameras.${index}`;
    if (!kId.test(camera.name)) errors[`${at}.name`] = 'Small letters, digits and hyphens.';
    else if (names.has(camera.name)) errors[`${at}.name`] = 'Another camera has this name.';
    names.add(camera.name);
    const pipeline = pipelines.find(({ name }) => name === camera.pipeline);
    if (!pipeline) errors[`${at}.pipeline`] = 'Choose a pipeline.';
    for (const parameter of pipeline?.parameters ?? []) {
      const error = parameterError(parameter, camera.parameters[parameter.name] ?? '');
      if (error) errors[`${at}.${parameter.name}`] = error;
    }
  });
  return errors;
}

function typedValue(parameter: Parameter, value: string): string | number | boolean {
  if (parameter.type === 'integer' || parameter.type === 'number') return Number(value);
  return parameter.type === 'boolean' ? value === 'true' : value;
}

function link(uri: string, address: string): { uri: string; address?: string } | undefined {
  if (uri === '') return undefined;
  return address === '' ? { uri } : { uri, address };
}

/** What is sent: empty fields are left out, so that the defaults stand. */
export function vehicleOf(draft: VehicleDraft, pipelines: readonly PipelineInfo[]): Vehicle {
  const vehicle: Vehicle = { id: draft.id, name: draft.name.trim() };
  const telemetry = link(draft.linkUri.trim(), draft.linkAddress.trim());
  const control = link(draft.controlUri.trim(), draft.controlAddress.trim());
  if (telemetry) vehicle.link = telemetry;
  if (control) vehicle.control = control;
  vehicle.cameras = draft.cameras.map(({ name, pipeline, parameters }) => {
    const camera: Camera = { name, pipeline };
    const known = pipelines.find((info) => info.name === pipeline)?.parameters ?? [];
    const values = known.flatMap((parameter) => {
      const value = (parameters[parameter.name] ?? '').trim();
      return value === '' ? [] : [[parameter.name, typedValue(parameter, value)] as const];
    });
    if (values.length > 0) camera.parameters = Object.fromEntries(values);
    return camera;
  });
  return vehicle;
}
