// A message of the data channel `frames` as the page uses it: the header's fields and the values of its ST 0601 packet.
import { decodeFrameMessage, type FrameMessage } from '../generated/frame_message';
import { frameValues, type FrameValues } from './frame_values';

export interface Frame extends FrameMessage {
  /** Undefined when the frame has no metadata, or none that can be read. */
  readonly values: FrameValues | undefined;
}

/** Undefined when the message is not one of the version that this page knows. */
export function readFrame(data: ArrayBuffer): Frame | undefined {
  const message = decodeFrameMessage(data);
  return message ? frameOf(message) : undefined;
}

export function frameOf(message: FrameMessage): Frame {
  const values =
    message.valueMethod === 'none' || message.klv.length === 0 ? undefined : frameValues(message.klv);
  return { ...message, values };
}

/** Capture time in UTC microseconds; undefined when it is not known. */
export function captureUtcUs(frame: Frame): number | undefined {
  return frame.timeMethod === 'none' || frame.utcUs === 0 ? undefined : frame.utcUs;
}
