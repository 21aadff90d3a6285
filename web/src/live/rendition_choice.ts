// Which of a camera's renditions a weak link gets: what arrived in the last moments goes in, the wish comes out.

/** What the browser's receiver counted since the peer began. */
export interface Reception {
  packets: number;
  lost: number;
  freezes: number;
}

export interface Choice {
  /** Into the renditions, best first. */
  level: number;
  /** Bad readings in a row. */
  bad: number;
  goodSinceMs: number;
  /** How long all must be well before the next better one is tried; longer each time a try fails. */
  patienceMs: number;
  triedMs: number;
  last: Reception | undefined;
}

export const kReadMs = 2000;
const kBadLoss = 0.05;
const kGoodLoss = 0.01;
const kBadReadings = 2;
const kFirstPatienceMs = 20_000;
const kMaxPatienceMs = 320_000;
/** A step down so soon after a step up says that the step up was wrong. */
const kTrialMs = 30_000;

export function firstChoice(nowMs: number): Choice {
  return {
    level: 0,
    bad: 0,
    goodSinceMs: nowMs,
    patienceMs: kFirstPatienceMs,
    triedMs: -Infinity,
    last: undefined,
  };
}

/** Another peer counts from nothing. */
export const withNewPeer = (choice: Choice, nowMs: number): Choice => ({
  ...choice,
  bad: 0,
  goodSinceMs: nowMs,
  last: undefined,
});

function down(choice: Choice, nowMs: number): Choice {
  const tooSoon = nowMs - choice.triedMs < kTrialMs;
  const patienceMs = tooSoon ? Math.min(2 * choice.patienceMs, kMaxPatienceMs) : choice.patienceMs;
  return { ...withNewPeer(choice, nowMs), level: choice.level + 1, patienceMs };
}

/** The picture stopped, and another peer will be tried. Where nothing arrived at all, no rendition would have. */
export function afterStall(choice: Choice, count: number, nowMs: number): Choice {
  return choice.bad > 0 && choice.level < count - 1 ? down(choice, nowMs) : choice;
}

/** To be called every kReadMs while a peer is there. `count`: of renditions. */
export function nextChoice(choice: Choice, now: Reception, count: number, nowMs: number): Choice {
  const { last } = choice;
  if (!last) return { ...choice, last: now };
  const lost = Math.max(0, now.lost - last.lost);
  const expected = lost + now.packets - last.packets;
  if (expected <= 0) return { ...choice, last: now, goodSinceMs: nowMs }; // says nothing of the rendition
  const loss = lost / expected;
  const bad = loss > kBadLoss || now.freezes > last.freezes;
  const next: Choice = { ...choice, last: now, bad: bad ? choice.bad + 1 : 0 };
  if (bad || loss > kGoodLoss) next.goodSinceMs = nowMs;
  if (next.bad >= kBadReadings && next.level < count - 1) return down(next, nowMs);
  if (next.level > 0 && nowMs - next.goodSinceMs >= next.patienceMs) {
    return { ...withNewPeer(next, nowMs), level: next.level - 1, triedMs: nowMs };
  }
  return next;
}
