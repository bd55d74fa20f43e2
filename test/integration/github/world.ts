import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readFileSync } from "node:fs";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { type GitHubOptions, type RunningGitHub, startGitHub } from "../../../infra/local/github/github.ts";

const run = promisify(execFile);

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: string;
  // The tests read payloads as whoever receives them does: as JSON of a shape that the event promises.
  readonly payload: Payload;
}

export interface Payload {
  readonly action: string;
  readonly number: number;
  readonly pull_request: {
    readonly number: number;
    readonly merged: boolean;
    readonly state: string;
    readonly draft: boolean;
    readonly head: { readonly sha: string; readonly repo: { readonly full_name: string } | null };
  };
  readonly before: string;
  readonly after: string;
  readonly label: { readonly name: string };
  readonly comment: { readonly body: string };
  readonly installation: { readonly id: number };
  readonly sender: { readonly login: string };
  readonly check_run: { readonly external_id: string; readonly pull_requests: readonly unknown[] };
  readonly requested_action: { readonly identifier: string };
}

/** Something that takes webhooks, answers as it is told, and remembers them. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  status: number;
  /** The first event that fits, as soon as it is there. */
  next(event: string, action: string): Promise<Received>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let status = 202;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const payload: Payload = JSON.parse(body);
      const event = String(request.headers["x-github-event"]);
      received.push({ headers: request.headers, body, event, payload });
      response.writeHead(status).end("noted");
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the receiver has no port");
  return {
    url: `http://127.0.0.1:${address.port}/webhook`,
    received,
    get status() {
      return status;
    },
    set status(wanted) {
      status = wanted;
    },
    next: (event, action) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = received.find((each) => each.event === event && each.payload.action === action);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A stand-in on a folder of its own, with somebody listening to its webhooks. */
export interface World {
  readonly hub: RunningGitHub;
  readonly receiver: Receiver;
  readonly folder: string;
  /** Octokit for one of the people. */
  as(login: string): Octokit;
  tokenOf(login: string): string;
  /** Octokit for the app itself. */
  readonly app: Octokit;
  /** Octokit for one of the app's installations; the one on maintainer's repositories unless told. */
  installation(id?: number): Promise<Octokit>;
  restart(options?: Partial<GitHubOptions>): Promise<void>;
  close(): Promise<void>;
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export async function startWorld(options: Partial<GitHubOptions> = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "github-"));
  const receiver = await startReceiver();
  const start = (more: Partial<GitHubOptions>): Promise<RunningGitHub> =>
    startGitHub({
      dataDir: join(folder, "data"),
      listen: "127.0.0.1:0",
      webhookUrl: receiver.url,
      complain: () => {},
      ...options,
      ...more,
    });
  let hub = await start({});
  const authentication = () => ({ appId: hub.appId, privateKey: readFileSync(hub.privateKeyPath, "utf8") });
  const tokenOf = (login: string): string => {
    const user = hub.users.find((candidate) => candidate.login === login);
    if (user === undefined) throw new Error(`no user ${login}`);
    return user.token;
  };
  const app = (): Octokit =>
    new Octokit({ baseUrl: hub.apiUrl, authStrategy: createAppAuth, auth: authentication(), log: silent });
  return {
    get hub() {
      return hub;
    },
    receiver,
    folder,
    as: (login) => new Octokit({ baseUrl: hub.apiUrl, auth: tokenOf(login), log: silent }),
    tokenOf,
    get app() {
      return app();
    },
    async installation(id) {
      const usual = { username: "maintainer" };
      const installationId = id ?? (await app().rest.apps.getUserInstallation(usual)).data.id;
      return new Octokit({
        baseUrl: hub.apiUrl,
        authStrategy: createAppAuth,
        auth: { ...authentication(), installationId },
        log: silent,
      });
    },
    async restart(more = {}) {
      await hub.close();
      hub = await start(more);
    },
    async close() {
      await hub.close();
      await receiver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Git as a person uses it, with a token from the environment's configuration rather than in the address. */
export interface Clone {
  readonly path: string;
  git(...args: string[]): Promise<string>;
  commit(branch: string, files: Readonly<Record<string, string>>, message?: string): Promise<string>;
}

export function gitAs(token: string | undefined, login = "x-access-token") {
  const header = `Authorization: Basic ${Buffer.from(`${login}:${token}`).toString("base64")}`;
  const environment = {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Author",
    GIT_AUTHOR_EMAIL: "102+author@users.noreply.github.com",
    GIT_COMMITTER_NAME: "Author",
    GIT_COMMITTER_EMAIL: "102+author@users.noreply.github.com",
    ...(token === undefined
      ? {}
      : { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "http.extraHeader", GIT_CONFIG_VALUE_0: header }),
  };
  return async (cwd: string, ...args: string[]): Promise<string> => {
    const { stdout } = await run("git", args, { cwd, env: environment });
    return stdout.trim();
  };
}

/** A working copy that pushes to a repository of the stand-in. */
export async function cloneOf(world: World, fullName: string, login: string): Promise<Clone> {
  const path = await mkdtemp(join(world.folder, "clone-"));
  const git = gitAs(world.tokenOf(login));
  await git(path, "clone", "--quiet", `${world.hub.url}/${fullName}.git`, ".");
  return {
    path,
    git: (...args) => git(path, ...args),
    async commit(branch, files, message = "Change") {
      await git(path, "checkout", "--quiet", "-B", branch);
      for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
      await git(path, "add", ".");
      await git(path, "commit", "--quiet", "-m", message);
      return git(path, "rev-parse", "HEAD");
    },
  };
}

/** A repository of maintainer's with one commit on main. */
export async function shop(world: World, name = "shop", isPrivate = false): Promise<Clone> {
  await world.as("maintainer").rest.repos.createForAuthenticatedUser({ name, private: isPrivate });
  const clone = await cloneOf(world, `maintainer/${name}`, "author");
  await clone.commit("main", { "README.md": "# Shop\n" }, "Begin");
  await clone.git("push", "--quiet", "origin", "main");
  return clone;
}
