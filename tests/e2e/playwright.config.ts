// End-to-end tests: the real programs, real services, headless Chromium. One worker: the machine has two cores.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: "artifacts",
  workers: 1,
  // For what hangs: a machine may be slow.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [["list"], ["junit"]],
  use: {
    viewport: { width: 1366, height: 768 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
      ],
    },
  },
});
