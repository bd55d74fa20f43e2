import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { serve as listen, type ServerType } from "@hono/node-server";
import { Hono } from "hono";
import { appKey } from "./auth/tokens.ts";
import { type CallLog, Calls } from "./calls.ts";
import type { Complain, GitHub } from "./context.ts";
import { controlRoutes } from "./control.ts";
import { Faults } from "./faults/faults.ts";
import { BareRepositories } from "./git/bare.ts";
import { gitRoutes } from "./git/routes.ts";
import { apiRoutes } from "./rest/routes.ts";
import type { Api } from "./rest/serve.ts";
import { writeJson } from "./store/files.ts";
import type { Role } from "./store/records.ts";
import { people, seedDirectory } from "./store/seed.ts";
import { Store } from "./store/store.ts";
import { Deliveries } from "./webhooks/deliveries.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

/** Mounts pages for people; what they do not know goes on to the API, git and /-/. */
export type PagesMount = (app: Hono, deps: { readonly github: GitHub }) => void;

export interface GitHubOptions {
  readonly dataDir: string;
  /** Host and port, for example 127.0.0.1:4000; port 0 takes a free one. */
  readonly listen: string;
  /** Where events go. */
  readonly webhookUrl: string;
  readonly pages?: PagesMount;
  readonly now?: () => Date;
  readonly complain?: Complain;
  /** Calls an hour for each caller and resource. */
  readonly rateLimit?: number;
}

export interface GitHubUser {
  readonly login: string;
  readonly token: string;
  readonly permission: Role;
}

/** What a client needs to know. */
export interface GitHubCredentials {
  readonly url: string;
  readonly apiUrl: string;
  readonly appId: number;
  readonly privateKeyPath: string;
  readonly webhookSecret: string;
  readonly users: readonly GitHubUser[];
}

export interface RunningGitHub extends GitHubCredentials {
  /** What is to go wrong. */
  readonly faults: Faults;
  /** What actions work with, for callers in the same process. */
  readonly github: GitHub;
  calls(): CallLog;
  /** Resolves when no webhook delivery is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the stand-in on its folder; everything in it is found again by the next start. */
export async function startGitHub(options: GitHubOptions): Promise<RunningGitHub> {
  const now = options.now ?? (() => new Date());
  const complain = options.complain ?? printComplaint;
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const privateKeyPath = join(dataDir, "app.private-key.pem");
  const key = appKey(privateKeyPath);
  const store = Store.open(join(dataDir, "store"), () => seedDirectory(now()));
  const { app: record } = store.directory;
  const target = { url: options.webhookUrl, secret: record.webhookSecret, appId: record.id };
  const faults = new Faults();
  const deliveries = new Deliveries(join(dataDir, "deliveries"), now);
  const webhooks = new Webhooks(store, deliveries, target, { now, complain, faults });
  const calls = new Calls(now, options.rateLimit ?? 5000);
  const git = new BareRepositories(join(dataDir, "git"));

  const app = new Hono();
  const { server, url } = await listening(app, options.listen);
  const apiUrl = `${url}/api/v3`;
  const github: GitHub = { store, git, webhooks, url, apiUrl, now, complain };
  const api: Api = { github, calls, key, settings: { etags: "by-token" }, faults };
  options.pages?.(app, { github });
  controlRoutes(app, api);
  gitRoutes(app, api);
  apiRoutes(app, api);
  app.notFound((context) => {
    const route = `${context.req.method} ${context.req.path}`;
    complain(`unknown route: ${route}`);
    return context.json({ message: "Not Found", unknown_route: route }, 404);
  });

  const credentials: GitHubCredentials = {
    url,
    apiUrl,
    appId: record.id,
    privateKeyPath,
    webhookSecret: record.webhookSecret,
    users: usersOf(store),
  };
  writeJson(join(dataDir, "credentials.json"), credentials);
  return {
    ...credentials,
    github,
    faults,
    calls: () => calls.log(),
    settled: () => webhooks.settled(),
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
      await webhooks.close();
      store.save();
    },
  };
}

function usersOf(store: Store): GitHubUser[] {
  return people.flatMap(({ login, role }) => {
    const token = store.userByLogin(login)?.token;
    return token === undefined ? [] : [{ login, token, permission: role }];
  });
}

async function listening(app: Hono, address: string): Promise<{ readonly server: ServerType; readonly url: string }> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolveListening, reject) => {
    const server = listen({ fetch: app.fetch, hostname, port: Number(port || 80) }, (info) =>
      resolveListening({ server, url: `http://${hostname}:${info.port}` }),
    );
    server.once("error", reject);
  });
}

const printComplaint: Complain = (message, details) => {
  console.error(JSON.stringify({ at: new Date().toISOString(), github: message, ...details }));
};
