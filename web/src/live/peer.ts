// The receiving end of one viewer session: answers the server's offer, trickles candidates, hands out the video, the
// sound and the messages of the data channel `frames`.

export interface PeerHandlers {
  onCandidate: (mline: number, candidate: string) => void;
  onVideo: (stream: MediaStream) => void;
  onSound: (stream: MediaStream) => void;
  onFrameMessage: (data: ArrayBuffer) => void;
  onFailed: (reason: string) => void;
}

export class Peer {
  private readonly connection: RTCPeerConnection;
  private early: RTCIceCandidateInit[] = [];
  private closed = false;

  constructor(iceServers: RTCIceServer[], handlers: PeerHandlers) {
    this.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) handlers.onCandidate(candidate.sdpMLineIndex ?? 0, candidate.candidate);
    };
    this.connection.ontrack = ({ track, streams }) => {
      const stream = streams[0] ?? new MediaStream([track]);
      if (track.kind === 'video') handlers.onVideo(stream);
      else handlers.onSound(stream);
    };
    this.connection.ondatachannel = ({ channel }) => {
      if (channel.label !== 'frames') return;
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) handlers.onFrameMessage(data);
      };
    };
    this.connection.onconnectionstatechange = () => {
      if (this.closed) return;
      const state = this.connection.connectionState;
      if (state === 'failed') handlers.onFailed('The connection for the video failed.');
      if (state === 'closed') handlers.onFailed('The connection for the video was closed.');
    };
  }

  /** The answer's SDP. Throws what the browser throws at an offer that it cannot take. */
  async answer(sdp: string): Promise<string> {
    await this.connection.setRemoteDescription({ type: 'offer', sdp });
    const early = this.early;
    this.early = [];
    await Promise.all(early.map((candidate) => this.connection.addIceCandidate(candidate)));
    const answer = await this.connection.createAnswer();
    await this.connection.setLocalDescription(answer);
    return this.connection.localDescription?.sdp ?? answer.sdp ?? '';
  }

  addCandidate(mline: number, candidate: string): void {
    const init = { sdpMLineIndex: mline, candidate };
    if (!this.connection.remoteDescription) {
      this.early.push(init);
      return;
    }
    // A candidate of a kind this browser does not know is no reason to give up: others follow.
    this.connection.addIceCandidate(init).catch(() => undefined);
  }

  /** The entries of RTCPeerConnection.getStats(). */
  async readStats(): Promise<Record<string, unknown>[]> {
    const entries: Record<string, unknown>[] = [];
    (await this.connection.getStats()).forEach((entry: Record<string, unknown>) => entries.push(entry));
    return entries;
  }

  close(): void {
    this.closed = true;
    this.connection.close();
  }
}
