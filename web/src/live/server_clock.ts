// The server's UTC on this computer, from the `now` of each live update.

/** This computer's monotonic time in UTC microseconds; off by whatever its clock is off. */
export function localUtcUs(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}

const kDecayUsPerUpdate = 50; // 0.5 ms a second at ten updates a second: follows clocks that drift apart
const kStepUs = 1_000_000;
const kUpdatesForStep = 20;

export class ServerClock {
  private offsetUs_: number | undefined;
  private updatesBehind = 0;

  /** Server's UTC minus this computer's; undefined before the first update. */
  get offsetUs(): number | undefined {
    return this.offsetUs_;
  }

  /**
   * Takes one update in. A message is late by its journey, never early, so the largest difference seen is nearest to
   * the truth. A server clock that was set back shows as updates that stay far behind.
   */
  update(serverNowUs: number, localNowUs: number = localUtcUs()): void {
    const difference = serverNowUs - localNowUs;
    if (this.offsetUs_ === undefined) {
      this.offsetUs_ = difference;
      return;
    }
    this.updatesBehind = difference < this.offsetUs_ - kStepUs ? this.updatesBehind + 1 : 0;
    if (this.updatesBehind >= kUpdatesForStep) {
      this.offsetUs_ = difference;
      this.updatesBehind = 0;
      return;
    }
    this.offsetUs_ = Math.max(difference, this.offsetUs_ - kDecayUsPerUpdate);
  }

  /** UTC in microseconds; this computer's own before the first update. */
  nowUs(localNowUs: number = localUtcUs()): number {
    return localNowUs + (this.offsetUs_ ?? 0);
  }
}
