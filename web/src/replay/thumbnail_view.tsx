// A small picture of a camera at an instant: the key frame before it.
import { useEffect, useRef } from 'react';

import type { CameraId } from './replay_address';
import type { ReplaySession } from './replay_session';
import { keyFrame } from './thumbnail';
import { placeAt } from './thumbnail_place';

const kRestMs = 60;
/** Where the server has to be asked for the place first. */
const kAskMs = 150;

export interface ThumbnailProps {
  session: ReplaySession;
  camera: CameraId;
  /** Corrected time, as the timeline shows it. */
  us: number;
  width: number;
  /** Of a list: its place is kept free, and it is fetched when it is seen. */
  listed?: boolean;
}

/** Calls back once when the element is on the screen. */
function whenSeen(element: Element, then: () => void): () => void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    then();
  });
  observer.observe(element);
  return () => observer.disconnect();
}

async function draw(
  canvas: HTMLCanvasElement,
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<void> {
  const frame = await keyFrame(bytes);
  const context = canvas.getContext('2d');
  if (frame && context && !signal.aborted) {
    canvas.height = Math.round((canvas.width * frame.displayHeight) / frame.displayWidth);
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    canvas.hidden = false;
  }
  frame?.close();
}

export function Thumbnail({ session, camera, us, width, listed = false }: ThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { vehicle, camera: name } = camera;
  const known = session.placeAt(camera, us);
  const key = known ? `${known.url} ${known.start}` : `${us}`;
  const newest = useRef({ known, us });
  useEffect(() => {
    newest.current = { known, us };
  });
  useEffect(() => {
    const abort = new AbortController();
    const show = async () => {
      const { known, us } = newest.current;
      const camera = { vehicle, camera: name };
      const place = known ?? (await placeAt(camera, us - session.trimUs(camera), abort.signal));
      if (!place) return;
      const { bytes } = await session.store.load(place, abort.signal);
      if (canvas.current) await draw(canvas.current, bytes, abort.signal);
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = () => {
      const waitMs = newest.current.known ? kRestMs : kAskMs;
      // A picture more or less; the player says what is wrong with a file.
      timer = setTimeout(() => void show().catch(() => undefined), waitMs);
    };
    const unsee = listed && canvas.current ? whenSeen(canvas.current, begin) : begin();
    return () => {
      unsee?.();
      clearTimeout(timer);
      abort.abort();
    };
  }, [session, vehicle, name, key, listed]);
  const height = Math.round((width * 9) / 16);
  return <canvas ref={canvas} width={width} height={height} hidden={!listed} aria-hidden />;
}
