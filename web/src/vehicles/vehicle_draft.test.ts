import { expect, test } from 'vitest';

import { draftErrors, draftOf, idFrom, newCamera, vehicleOf } from './vehicle_draft';

const pipelines = [
  {
    name: 'rtsp-link',
    title: 'RTSP',
    version: 1,
    used_by: [],
    parameters: [
      { name: 'uri', type: 'uri' },
      { name: 'max_wait', type: 'integer', default: 0 },
    ],
  },
];

test('an id is made from a name', () => {
  expect(idFrom('  Kestrel 2 (Süd) ')).toBe('kestrel-2-su-d');
  expect(idFrom('…')).toBe('');
});

test('a complete draft becomes what the API takes, without the fields left empty', () => {
  const draft = draftOf(undefined);
  Object.assign(draft, { name: ' Kestrel ', id: 'kestrel', linkUri: 'mavlink+udp://0.0.0.0:14550' });
  draft.cameras = [
    { ...newCamera([]), pipeline: 'rtsp-link', parameters: { uri: 'rtsp://h/c', max_wait: '' } },
  ];
  expect(draftErrors(draft, pipelines, new Set())).toEqual({});
  expect(vehicleOf(draft, pipelines)).toEqual({
    id: 'kestrel',
    name: 'Kestrel',
    link: { uri: 'mavlink+udp://0.0.0.0:14550' },
    cameras: [{ name: 'main', pipeline: 'rtsp-link', parameters: { uri: 'rtsp://h/c' } }],
  });
});

test('parameters have the types of the pipeline', () => {
  const draft = draftOf(undefined);
  draft.cameras = [
    { ...newCamera([]), pipeline: 'rtsp-link', parameters: { uri: 'rtsp://h/c', max_wait: '120' } },
  ];
  expect(vehicleOf(draft, pipelines).cameras?.[0]?.parameters).toEqual({ uri: 'rtsp://h/c', max_wait: 120 });
});

test('says what is missing, field by field', () => {
  const draft = draftOf(undefined);
  Object.assign(draft, { id: 'Tern', linkUri: '127.0.0.1:10110' });
  const first = newCamera([]);
  draft.cameras = [first, { ...first, key: 99, pipeline: 'rtsp-link', parameters: { max_wait: '1.5' } }];
  expect(Object.keys(draftErrors(draft, pipelines, new Set())).sort()).toEqual([
    'cameras.0.pipeline',
    'cameras.1.max_wait',
    'cameras.1.name',
    'cameras.1.uri',
    'id',
    'linkUri',
    'name',
  ]);
  draft.id = 'tern';
  expect(draftErrors(draft, pipelines, new Set(['tern']))['id']).toMatch(/Another vehicle/);
});

test('a saved vehicle survives the form unchanged', () => {
  const vehicle = {
    kind: 'vessel' as const,
    id: 'tern',
    name: 'Tern',
    link: { uri: 'nmea+tcp://h:1', address: 'own' },
    control: { uri: 'mqtt://h/t' },
    cameras: [{ name: 'mast', pipeline: 'rtsp-link', parameters: { uri: 'rtsp://h/c', max_wait: 5 } }],
  };
  const { kind, ...saved } = vehicle;
  expect(kind).toBe('vessel');
  expect(vehicleOf(draftOf(vehicle), pipelines)).toEqual(saved);
});
