// A page of another origin, as players and publishers that are not ours have it: files by path, on a port of its own.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Page } from "@playwright/test";

const modules = path.dirname(createRequire(import.meta.url).resolve("@playwright/test/package.json")) + "/../..";

/** The text of a file of an npm package. */
export const source = (file: string) => readFileSync(path.join(modules, file), "utf8");

export interface Elsewhere {
  address: string;
  close(): void;
}

/** `scripts`: JavaScript by path; "/" is `body`. */
export async function serveElsewhere(body: string, scripts: Record<string, string>): Promise<Elsewhere> {
  const server = createServer((request, response) => {
    const script = scripts[request.url!];
    if (request.url === "/") response.setHeader("Content-Type", "text/html").end(`<!doctype html>${body}`);
    else if (script !== undefined) response.setHeader("Content-Type", "text/javascript").end(script);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

/** Requests of the page to `address`, as "METHOD path status". */
export function recordRequests(page: Page, address: string): string[] {
  const seen: string[] = [];
  page.on("response", (response) => {
    if (response.url().startsWith(address)) seen.push(`${response.request().method()} ${new URL(response.url()).pathname} ${response.status()}`);
  });
  return seen;
}
