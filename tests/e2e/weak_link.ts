// A weak link between a page's viewers and the workers: what the page hears of a worker's address leads to a relay on this
// machine, which lets so much through as is said and drops the rest.
import { createSocket, type Socket } from "node:dgram";
import type { Page } from "@playwright/test";

/** How long a link's own buffer lets a burst wait; what would wait longer is dropped. */
const kBufferSeconds = 0.2;

const listening = (): Promise<Socket> =>
  new Promise((resolve) => {
    const socket: Socket = createSocket("udp4").bind(0, "127.0.0.1", () => resolve(socket));
  });

export class WeakLink {
  /** To the page; may be changed at any time. */
  kbitPerSecond = Infinity;
  private readonly sockets: Socket[] = [];
  private backlogBytes = 0;
  private emptiedMs = performance.now();

  /** To be called before the page is opened: from then on its viewers are reached over the link alone. */
  async between(page: Page): Promise<void> {
    await page.exposeFunction("relayed", (port: number) => this.relay(port));
    await page.addInitScript(() => {
      const plain = RTCPeerConnection.prototype.addIceCandidate as (init: RTCIceCandidateInit) => Promise<void>;
      RTCPeerConnection.prototype.addIceCandidate = async function (init?: RTCIceCandidateInit | null) {
        const words = init!.candidate!.split(" "); // RFC 8839 5.1: the sixth is the port
        words[5] = String(await (window as any).relayed(Number(words[5])));
        return plain.call(this, { ...init, candidate: words.join(" ") });
      };
    });
  }

  close(): void {
    this.sockets.forEach((socket) => socket.close());
  }

  /** The port at which the page finds the worker's `port`. */
  private async relay(port: number): Promise<number> {
    const [toPage, toWorker] = [await listening(), await listening()];
    this.sockets.push(toPage, toWorker);
    let pagePort = 0;
    toPage.on("message", (packet, { port: from }) => {
      pagePort = from;
      toWorker.send(packet, port, "127.0.0.1");
    });
    toWorker.on("message", (packet) => {
      if (pagePort && this.passes(packet.length)) toPage.send(packet, pagePort, "127.0.0.1");
    });
    return toPage.address().port;
  }

  private passes(bytes: number): boolean {
    const nowMs = performance.now();
    const bytesPerMs = this.kbitPerSecond / 8;
    this.backlogBytes = Math.max(0, this.backlogBytes - (nowMs - this.emptiedMs) * bytesPerMs);
    this.emptiedMs = nowMs;
    if (bytesPerMs === Infinity) return true;
    if (this.backlogBytes + bytes > kBufferSeconds * 1000 * bytesPerMs) {
      return false;
    }
    this.backlogBytes += bytes;
    return true;
  }
}
