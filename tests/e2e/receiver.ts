// What a viewer's WebRTC connection received, whatever of it was drawn: packets by number, frames by timestamp.
import type { Page } from "@playwright/test";

export interface Received {
  /** Connections that the page has made: more than one means that the stream was interrupted. */
  connections: number;
  packets: number;
  /** Sequence numbers that never came. */
  packetsLost: number;
  /** Of the frames that the frame messages name, in the order of the messages' own numbers. */
  rtpTimestamps: number[];
  /** Numbers missing among the frame messages. */
  messagesLost: number;
}

/** To be called before the page is opened. */
export async function recordReceiver(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    const messages = new Map<number, number>();
    class RecordedConnection extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        peers.push(this);
        this.addEventListener("datachannel", ({ channel }) =>
          channel.addEventListener("message", ({ data }) => {
            const view = new DataView(data as ArrayBuffer); // schema/frame_message.json
            messages.set(view.getUint32(8), view.getUint32(4));
          }),
        );
      }
    }
    Object.assign(window, { RTCPeerConnection: RecordedConnection, recordedPeers: peers, recordedMessages: messages });
  });
}

export async function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { recordedPeers: peers, recordedMessages: messages } = window as unknown as {
      recordedPeers: RTCPeerConnection[];
      recordedMessages: Map<number, number>;
    };
    let video: RTCInboundRtpStreamStats | undefined;
    (await peers.at(-1)?.getStats())?.forEach((report) => {
      if (report.type === "inbound-rtp" && report.kind === "video") video = report;
    });
    const numbers = [...messages.keys()].sort((a, b) => a - b);
    return {
      connections: peers.length,
      packets: video?.packetsReceived ?? 0,
      packetsLost: video?.packetsLost ?? 0,
      rtpTimestamps: numbers.map((number) => messages.get(number)!),
      messagesLost: numbers.length > 0 ? numbers.at(-1)! - numbers[0]! + 1 - numbers.length : 0,
    };
  });
}

/** How many frames lie between each two neighbours: 0 everywhere when none is missing. */
export function missingFrames(rtpTimestamps: number[], framesPerSecond: number): number {
  return rtpTimestamps.slice(1).reduce((sum, timestamp, i) => {
    const ticks = (timestamp - rtpTimestamps[i]!) >>> 0;
    return sum + Math.max(0, Math.round((ticks * framesPerSecond) / 90_000) - 1);
  }, 0);
}
