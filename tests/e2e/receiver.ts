// A viewer that draws nothing: what a WebRTC connection to one camera receives, packets by number and frames by the time
// at which the camera took them, without a page's pictures that a busy machine would leave out.
import { expect, type Page } from "@playwright/test";
import type { House } from "./house.ts";

export interface Received {
  /** As the browser names the connection. */
  state: string;
  packets: number;
  /** Sequence numbers that never came. */
  packetsLost: number;
  /** When the camera took the frames, UTC in microseconds, in the order of the frame messages' own numbers. */
  utcUs: number[];
  /** Numbers missing among the frame messages. */
  messagesLost: number;
}

/** Watches a camera from an empty page, and waits until its frames come. */
export async function watchBare(page: Page, house: House, vehicle: string, camera: string): Promise<void> {
  const signedIn = await page.request.post(`${house.address}/api/session`, {
    headers: { Origin: house.address },
    data: { name: "admin", password: house.password },
  });
  expect(signedIn.status()).toBe(200);
  await page.goto(`${house.address}/healthz`);
  await page.evaluate(
    ([vehicle, camera]) => {
      const socket = new WebSocket(`ws://${location.host}/api/signaling`);
      const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
      const messages = new Map<number, number>();
      let session = "";
      const send = (message: object) => socket.send(JSON.stringify(message));
      peer.onicecandidate = ({ candidate }) =>
        candidate?.candidate && send({ type: "candidate", session, mline: candidate.sdpMLineIndex, candidate: candidate.candidate });
      peer.ondatachannel = ({ channel }) => {
        channel.binaryType = "arraybuffer";
        channel.onmessage = ({ data }) => {
          const view = new DataView(data); // schema/frame_message.json
          messages.set(view.getUint32(8), Number(view.getBigUint64(12)));
        };
      };
      const take: Record<string, (event: any) => Promise<void>> = {
        session: async (event) => void ({ session } = event),
        offer: async ({ sdp }) => {
          await peer.setRemoteDescription({ type: "offer", sdp });
          await peer.setLocalDescription();
          send({ type: "answer", session, sdp: peer.localDescription!.sdp });
        },
        candidate: async ({ mline, candidate }) => peer.addIceCandidate({ sdpMLineIndex: mline, candidate }),
      };
      let taken = Promise.resolve();
      socket.onmessage = ({ data }) => {
        const event = JSON.parse(data);
        taken = taken.then(() => take[event.type]?.(event));
      };
      socket.onopen = () => send({ type: "watch", vehicle, camera });
      Object.assign(window, { barePeer: peer, bareMessages: messages });
    },
    [vehicle, camera],
  );
  await expect.poll(async () => (await received(page)).utcUs.length).toBeGreaterThan(5);
}

export async function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { barePeer: peer, bareMessages: messages } = window as unknown as { barePeer: RTCPeerConnection; bareMessages: Map<number, number> };
    let video: RTCInboundRtpStreamStats | undefined;
    (await peer.getStats()).forEach((report) => {
      if (report.type === "inbound-rtp" && report.kind === "video") video = report;
    });
    const numbers = [...messages.keys()].sort((a, b) => a - b);
    return {
      state: peer.connectionState,
      packets: video?.packetsReceived ?? 0,
      packetsLost: video?.packetsLost ?? 0,
      utcUs: numbers.map((number) => messages.get(number)!),
      messagesLost: numbers.length > 0 ? numbers.at(-1)! - numbers[0]! + 1 - numbers.length : 0,
    };
  });
}

/** How many frames lie between neighbours, over all: 0 when none is missing. */
export function missingFrames(utcUs: number[], framesPerSecond: number): number {
  return utcUs.slice(1).reduce((sum, us, i) => sum + Math.max(0, Math.round(((us - utcUs[i]!) * framesPerSecond) / 1e6) - 1), 0);
}
