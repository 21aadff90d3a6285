// One running Masthead for the tests of a file: ./dev run's own code without its simulators, and an API client.
import { test as base, expect } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const build = process.env.MASTHEAD_BUILD ?? path.join(root, "build/test");

export interface House {
  address: string;
  password: string;
  server_pid: number;
  /** URI by which a vessel is commanded over the broker; its password is in the file that the URI names. */
  tern_control: string;
  postgres: string;
  logs: string;
  /** Folder of the pipeline files: a copy, which a test may change. */
  pipelines: string;
  /** The server's. */
  data: string;
}

/** Lines that a process writes, waited for by pattern. */
export class Process {
  private readonly lines: string[] = [];
  private waiting: (() => void)[] = [];
  readonly child: ChildProcess;

  constructor(command: string, args: string[], env: Record<string, string> = {}) {
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on("line", (line) => {
        this.lines.push(line);
        this.wake();
      });
    }
    this.child.on("exit", () => this.wake());
  }

  private wake() {
    const woken = this.waiting;
    this.waiting = [];
    for (const resolve of woken) resolve();
  }

  async line(pattern: RegExp, timeoutMs = 60_000): Promise<string> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found) return found;
      if (this.child.exitCode !== null || Date.now() > end) {
        throw new Error(`no line like ${pattern} from ${this.child.spawnfile}:\n${this.lines.slice(-30).join("\n")}`);
      }
      await Promise.race([
        new Promise<void>((resolve) => this.waiting.push(resolve)),
        new Promise((resolve) => setTimeout(resolve, end - Date.now())),
      ]);
    }
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill(signal);
    await gone;
  }
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** The REST interface with an admin's session. */
export class Api {
  private cookie = "";
  constructor(private readonly house: House) {}

  async call(method: string, route: string, body?: unknown): Promise<{ status: number; body: any }> {
    const answer = await fetch(this.house.address + route, {
      method,
      headers: { Origin: this.house.address, "Content-Type": "application/json", Cookie: this.cookie },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const set = answer.headers.get("set-cookie");
    if (set) this.cookie = set.split(";")[0]!;
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : undefined };
  }

  /** The session's token, for Authorization: Bearer. */
  get token(): string {
    return this.cookie.split("=")[1]!;
  }

  async signIn(): Promise<this> {
    const { status } = await this.call("POST", "/api/session", { name: "admin", password: this.house.password });
    expect(status).toBe(200);
    return this;
  }

  async add(collection: "drones" | "vessels", vehicle: object): Promise<void> {
    const { status, body } = await this.call("POST", `/api/${collection}`, vehicle);
    expect(status, JSON.stringify(body)).toBe(201);
  }
}

/** A Masthead of its own, from its start to its end. `args`: of ./dev run; `prepare` is given the server's data folder before the start. */
export async function withHouse(args: string[], use: (house: House) => Promise<void>, prepare?: (data: string) => void): Promise<void> {
  const state = mkdtempSync("/tmp/mh-e2e-");
  chmodSync(state, 0o711);
  const data = path.join(state, "data");
  mkdirSync(data, { mode: 0o700 });
  prepare?.(data);
  const pipelines = path.join(state, "pipelines");
  cpSync(path.join(root, "pipelines"), pipelines, { recursive: true });
  const running = new Process("/usr/bin/python3", [
    path.join(root, "deploy/run.py"), "--no-sim", "--json", "--port", "0", "--state", state, "--pipelines", pipelines, ...args,
  ]);
  try {
    const house = JSON.parse(await running.line(/^\{"address"/, 300_000)) as House;
    await use({ ...house, pipelines, data });
  } finally {
    await running.stop("SIGINT");
    rmSync(state, { recursive: true, force: true });
  }
}

export const test = base.extend<object, { house: House; api: Api }>({
  house: [async ({}, use) => withHouse([], use), { scope: "worker", timeout: 400_000 }],
  api: [
    async ({ house }, use) => {
      await use(await new Api(house).signIn());
    },
    { scope: "worker" },
  ],
});

export { expect };
