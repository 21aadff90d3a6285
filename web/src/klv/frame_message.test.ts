// A frame message byte by byte against schema/frame_message.json: offsets, byte order, names of methods.
import { expect, it } from 'vitest';
import schema from '../../../schema/frame_message.json';
import { decodeFrameMessage, frameMessageHeaderBytes } from '../generated/frame_message';

interface Field {
  name: string;
  offset: number;
  type: 'u8' | 'u16' | 'u32' | 'u64' | 'f32';
}

const fields = schema.fields as Field[];

/** A message whose fields have these values, written by the schema's offsets; KLV behind it. */
function message(values: Record<string, number>, klv: number[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(frameMessageHeaderBytes + klv.length));
  for (const { name, offset, type } of fields) {
    const value = values[name] ?? 0;
    if (type === 'u8') view.setUint8(offset, value);
    if (type === 'u16') view.setUint16(offset, value);
    if (type === 'u32') view.setUint32(offset, value);
    if (type === 'u64') view.setBigUint64(offset, BigInt(value));
    if (type === 'f32') view.setFloat32(offset, value);
  }
  klv.forEach((byte, i) => {
    view.setUint8(frameMessageHeaderBytes + i, byte);
  });
  return view.buffer;
}

const sound = {
  version: 1,
  time_method: 2,
  value_method: 3,
  flags: 1,
  rtp_timestamp: 0xfedcba98,
  seq: 7,
  utc_us: 1_700_000_000_123_456,
  time_error_us: 500,
  age_ms: 40,
  position_error_m: 1.5,
  altitude_error_m: 0.25,
  angle_error_deg: 0.5,
  speed_error_mps: 2.5,
  klv_bytes: 3,
};

it('reads every field', () => {
  const frame = decodeFrameMessage(message(sound, [1, 2, 3]));
  expect(frame).toMatchObject({
    timeMethod: 'rtcp',
    valueMethod: 'extrapolated',
    flags: 1,
    rtpTimestamp: 0xfedcba98,
    seq: 7,
    utcUs: 1_700_000_000_123_456,
    timeErrorUs: 500,
    ageMs: 40,
    positionErrorM: 1.5,
    altitudeErrorM: 0.25,
    angleErrorDeg: 0.5,
    speedErrorMps: 2.5,
  });
  expect(Array.from(frame?.klv ?? [])).toEqual([1, 2, 3]);
});

it('drops another version, an unknown method, and what is cut short', () => {
  expect(decodeFrameMessage(message({ ...sound, version: 2 }, [1, 2, 3]))).toBeNull();
  expect(decodeFrameMessage(message({ ...sound, time_method: 9 }, [1, 2, 3]))).toBeNull();
  expect(decodeFrameMessage(message(sound, [1, 2]))).toBeNull();
  expect(decodeFrameMessage(message(sound, []).slice(0, 47))).toBeNull();
});
