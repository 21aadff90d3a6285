// What a person does on the page.
import { expect, type Locator, type Page } from "@playwright/test";

export async function signIn(page: Page, address: string, password: string, name = "admin"): Promise<void> {
  await page.goto(address);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation")).toBeVisible();
}

export async function openVehicle(page: Page, id: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`^${id}\\b`) }).click();
}

/** What the page says in the place of the picture. */
export const notice = (page: Page): Locator => page.locator(".stage-video .stage-notice");
