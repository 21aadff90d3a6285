// The replay page as the tests use it.
import type { Page } from "@playwright/test";
import { seenFrames, type SeenFrame } from "./frames.ts";

/** Numbers from 0 to 1 that are the same at each run. */
export function* shares(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Until the picture that was sought is shown. */
export const settled = (page: Page) =>
  page.waitForFunction(() => {
    const view = document.querySelector(".replay-stage > .replay-video");
    return view !== null && !view.hasAttribute("data-seeking") && !view.querySelector(".stage-notice");
  });

/** Types an instant and gives the frame that is then shown, and how long that took. */
export async function seek(page: Page, us: number): Promise<{ frame: SeenFrame; ms: number }> {
  const field = page.getByLabel(/^UTC of the picture/);
  await field.fill(String(us));
  const begun = await page.evaluate(() => performance.now());
  await field.press("Enter");
  await settled(page);
  const frame = (await seenFrames(page)).at(-1)!;
  return { frame, ms: Math.max(0, (frame as SeenFrame & { presentedAt: number }).presentedAt - begun) };
}
