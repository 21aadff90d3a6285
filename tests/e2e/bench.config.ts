// Benchmarks that need a browser: the tests' settings, other files.
import config from "./playwright.config.ts";

export default { ...config, testMatch: "bench/*.bench.ts", timeout: 600_000 };
