import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, closeSync, writeFileSync, renameSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { identify, type ProcessIdentity, sendSignal } from "./processes.ts";
import type { Service } from "./service.ts";

/** What a service ended with, as a sentence, and the last lines of its log. */
export type Death = { readonly service: string; readonly how: string; readonly log: string; readonly tail: string };

/** A service's recorded process, kept on disk so that a later run can clean up after a crash. */
export type RecordedProcess = ProcessIdentity & { readonly service: string };

type Running = { readonly service: Service; readonly child: ChildProcess; stopping: boolean };

/**
 * Keeps services running as children: each in a process group of its own, its output in a log,
 * killed by the kernel if this process dies, stopped in the reverse order of their start.
 */
export class Supervisor {
  readonly #running = new Map<string, Running>();
  readonly #known = new Map<string, Service>();
  readonly #logs: string;
  readonly #record: string;
  readonly #onDeath: (death: Death) => void;

  constructor(options: { logs: string; run: string; onDeath: (death: Death) => void }) {
    this.#logs = options.logs;
    this.#record = processesFile(options.run);
    this.#onDeath = options.onDeath;
  }

  /** Starts a service and waits until it is ready; throws with the log's last lines if it does not get there. */
  async start(service: Service, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running.has(service.name)) throw new Error(`${service.name} already runs`);
    const running = await this.#spawn(service);
    const died = new AbortController();
    const death = this.#deathOf(running).then((found) => {
      died.abort();
      return found;
    });
    try {
      await service.readiness(AbortSignal.any([signal, died.signal]));
      died.signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      const found = died.signal.aborted ? await death : await this.#describe(service.name, "did not become ready");
      throw new Error(`${sentence(found)}\n${found.tail}\n(whole log: ${found.log})`, { cause: error });
    }
    void this.#reportDeath(running, death);
  }

  /** Stops a service and whatever is left of its process group. */
  async stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    this.#known.delete(name);
    if (!running) return;
    running.stopping = true;
    const { child, service } = running;
    if (child.pid === undefined) return;
    const gone = once(child, "exit");
    sendSignal(child.pid, service.stopSignal ?? "SIGTERM");
    const timeout = setTimeout(
      () => {
        if (child.pid !== undefined) sendSignal(-child.pid, "SIGKILL");
      },
      (service.stopTimeoutSeconds ?? 10) * 1000,
    );
    await gone;
    clearTimeout(timeout);
  }

  /** Stops everything, last started first. */
  async stopAll(): Promise<void> {
    for (const name of [...this.#running.keys()].toReversed()) await this.stop(name);
  }

  /** Stops a service if it still runs, and starts it as it was. */
  async restart(name: string, signal: AbortSignal): Promise<void> {
    const service = this.#known.get(name);
    if (!service) throw new Error(`${name} was never started`);
    await this.stop(name);
    await this.start(service, signal);
  }

  /** Names of all services started so far, running or not. */
  known(): string[] {
    return [...this.#known.keys()];
  }

  /** Names of services that ought to run and do not. */
  dead(): string[] {
    return this.known().filter((name) => !this.#running.has(name));
  }

  logOf(name: string): string {
    return join(this.#logs, `${name}.log`);
  }

  async #spawn(service: Service): Promise<Running> {
    mkdirSync(this.#logs, { recursive: true });
    mkdirSync(dirname(this.#record), { recursive: true });
    const output = openSync(this.logOf(service.name), "a");
    // pdeathsig makes the kernel end the child when this process dies, even by SIGKILL.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", service.command, ...service.args], {
      cwd: service.cwd ?? "/",
      env: { ...baseEnvironment(), ...service.env },
      stdio: ["ignore", output, output],
      detached: true,
    });
    closeSync(output);
    const running: Running = { service, child, stopping: false };
    await once(child, "spawn");
    this.#running.set(service.name, running);
    this.#known.set(service.name, service);
    this.#writeRecord();
    return running;
  }

  /** Resolves when the service's process has ended. */
  async #deathOf({ service, child }: Running): Promise<Death> {
    const how = await new Promise<string>((resolve) => {
      child.once("exit", (code, killer) => {
        resolve(killer ? `was killed by ${killer}` : `exited with code ${code}`);
      });
    });
    // What it started must not go on without it.
    if (child.pid !== undefined) sendSignal(-child.pid, "SIGKILL");
    this.#running.delete(service.name);
    this.#writeRecord();
    return this.#describe(service.name, how);
  }

  async #reportDeath(running: Running, death: Promise<Death>): Promise<void> {
    const found = await death;
    if (running.stopping) return;
    this.#onDeath(found);
  }

  async #describe(service: string, how: string): Promise<Death> {
    const log = this.logOf(service);
    return { service, how, log, tail: await lastLines(log, 15) };
  }

  #writeRecord(): void {
    const record: RecordedProcess[] = [];
    for (const { service, child } of this.#running.values()) {
      const identity = child.pid === undefined ? undefined : identify(child.pid);
      if (identity) record.push({ ...identity, service: service.name });
    }
    writeFileSync(`${this.#record}.new`, JSON.stringify(record));
    renameSync(`${this.#record}.new`, this.#record);
  }
}

/** "etcd exited with code 1" */
export function sentence(death: Death): string {
  return `${death.service} ${death.how}`;
}

/** Where the supervisor records its children. */
export function processesFile(run: string): string {
  return join(run, "processes.json");
}

async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** What a service may see of the caller's environment. */
function baseEnvironment(): Record<string, string> {
  const names = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "TZ",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "no_proxy",
  ];
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
  const chosen: Record<string, string> = {};
  for (const name of [...names, ...proxies]) {
    const value = process.env[name];
    if (value !== undefined) chosen[name] = value;
  }
  return chosen;
}
