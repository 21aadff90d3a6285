// The numbers that the telemetry panel shows, every change of them: under load a look from outside would come too late.
import type { Page } from "@playwright/test";

/** Text by label. */
export type Panel = Record<string, string>;

/** To be called before the page is opened. */
export async function recordPanel(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shown: Record<string, string>[] = [];
    const read = () =>
      Object.fromEntries(
        Array.from(document.querySelectorAll(".telemetry dt"), (label) => [label.textContent, label.nextElementSibling?.textContent ?? ""]),
      );
    const changed = () => {
      const panel = read();
      if (/\d/.test(panel.Latitude ?? "") && JSON.stringify(panel) !== JSON.stringify(shown.at(-1))) shown.push(panel);
    };
    Object.assign(window, { shownPanels: shown });
    new MutationObserver(changed).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** All that the panel has shown, except while it showed no position. */
export async function shownPanels(page: Page): Promise<Panel[]> {
  return page.evaluate(() => (window as any).shownPanels);
}

/** "12.3 m", "\u22121.5°", "35.362985° S" as a number; south and west are negative. */
export function numberOf(text: string | undefined): number | undefined {
  const match = /^(\u2212?)([\d.]+).*?([NSEW]?)$/.exec(text ?? "");
  return match ? Number(match[2]) * (match[1] || "SW".includes(match[3] || "-") ? -1 : 1) : undefined;
}
