import { describe, expect, test } from 'vitest';

import {
  afterStall,
  firstChoice,
  kReadMs,
  nextChoice,
  type Choice,
  type Reception,
} from './rendition_choice';

/** A receiver that is read every two seconds. */
class Link {
  choice: Choice = firstChoice(0);
  private nowMs = 0;
  private counted: Reception = { packets: 0, lost: 0, freezes: 0 };

  constructor(private readonly count = 2) {}

  run(seconds: number, loss: number, freezes = 0, packets = 1000): number[] {
    const levels: number[] = [];
    for (let i = 0; i < (seconds * 1000) / kReadMs; i++) {
      this.nowMs += kReadMs;
      this.counted = {
        packets: this.counted.packets + packets * (1 - loss),
        lost: this.counted.lost + packets * loss,
        freezes: this.counted.freezes + freezes,
      };
      this.choice = nextChoice(this.choice, this.counted, this.count, this.nowMs);
      levels.push(this.choice.level);
    }
    return levels;
  }
}

describe('the rendition that a weak link gets', () => {
  test('stays the best one while nothing is lost', () => {
    const link = new Link();
    expect(new Set(link.run(600, 0))).toEqual(new Set([0]));
  });

  test('is not changed for one bad moment', () => {
    const link = new Link();
    link.run(10, 0);
    link.run(2, 0.3);
    expect(link.run(10, 0).at(-1)).toBe(0);
  });

  test('goes down within six seconds of loss or freezes, and no further than there is', () => {
    const lossy = new Link();
    lossy.run(4, 0);
    expect(lossy.run(6, 0.1).at(-1)).toBe(1);
    expect(lossy.run(60, 0.1).at(-1)).toBe(1);
    const freezing = new Link(3);
    freezing.run(4, 0);
    expect(freezing.run(12, 0, 1).at(-1)).toBe(2);
  });

  test('goes down where the picture stops amid losses, and not where nothing arrives', () => {
    const link = new Link();
    link.run(4, 0);
    expect(afterStall(link.choice, 2, 5000).level).toBe(0);
    link.run(2, 0.3);
    expect(afterStall(link.choice, 2, 7000).level).toBe(1);
    expect(afterStall(link.choice, 1, 7000).level).toBe(0);
  });

  test('is not tried anew while nothing arrives', () => {
    const link = new Link();
    link.run(4, 0);
    link.run(6, 0.1);
    expect(link.run(600, 0, 0, 0).at(-1)).toBe(1);
    expect(link.run(60, 0).at(-1)).toBe(0);
  });

  test('goes up again when all is well, and waits longer after each try that fails', () => {
    const link = new Link();
    link.run(4, 0);
    link.run(6, 0.1);
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      let seconds = 0;
      for (; link.choice.level > 0; seconds += 2) link.run(2, 0);
      waits.push(seconds);
      link.run(8, 0.1); // the better one is too much still
      expect(link.choice.level).toBe(1);
    }
    expect(waits).toEqual([18, 38, 78]); // the last bad reading was two seconds before
  });
});
