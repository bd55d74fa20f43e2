import type { Context, Hono } from "hono";
import { Refusal } from "../actions/refusal.ts";
import { recordPush } from "../actions/pushes.ts";
import { exclusively, roleOf } from "../actions/roles.ts";
import { type Caller, callerOf, nameOf, requireAccess } from "../auth/callers.ts";
import { includesRole } from "../present/repository.ts";
import { answering, type Served } from "../faults/requests.ts";
import { errorBody } from "../rest/errors.ts";
import type { Api } from "../rest/serve.ts";
import type { RepositoryRecord } from "../store/records.ts";
import { refUpdates } from "./bare.ts";
import { advertise, type GitService, gitService, receivePack, requestBody, uploadPack } from "./smart-http.ts";

interface GitRequest {
  readonly repository: RepositoryRecord;
  readonly caller: Caller;
  readonly protocol: string | undefined;
}

/** Git's smart HTTP protocol at /owner/name and /owner/name.git. */
export function gitRoutes(app: Hono, api: Api): void {
  app.get("/:owner/:name/info/refs", (context) =>
    answered(api, context, async () => {
      const service = gitService(context.req.query("service"));
      if (service === undefined) throw new Refusal(403, "Please upgrade your git client.");
      const { repository, protocol } = await admitted(api, context, service);
      return advertise(api.github.git.pathOf(repository.id), service, protocol);
    }),
  );
  app.post("/:owner/:name/git-upload-pack", (context) =>
    answered(api, context, async () => {
      const { repository, protocol } = await admitted(api, context, "git-upload-pack");
      const body = await requestBody(context.req.raw);
      return uploadPack(api.github.git.pathOf(repository.id), body, protocol, context.req.raw.signal);
    }),
  );
  app.post("/:owner/:name/git-receive-pack", (context) => answered(api, context, async () => push(api, context)));
}

async function push(api: Api, context: Context): Promise<Response> {
  const { github } = api;
  const { repository, caller, protocol } = await admitted(api, context, "git-receive-pack");
  const pusher = caller.kind === "user" ? caller.user : github.store.user(github.store.directory.app.botId);
  const body = await requestBody(context.req.raw);
  return exclusively(github, repository, async () => {
    const before = await github.git.refs(repository.id);
    const response = await receivePack(github.git.pathOf(repository.id), body, protocol);
    await recordPush(github, pusher, repository, refUpdates(before, await github.git.refs(repository.id)));
    return response;
  });
}

/** Lets in who may read, or push; the client is asked for a token when it has shown none. */
async function admitted(api: Api, context: Context, service: GitService): Promise<GitRequest> {
  const { github } = api;
  const caller = await callerOf(github, api.key, context.req.header("authorization"));
  const name = (context.req.param("name") ?? "").replace(/\.git$/, "");
  const owner = context.req.param("owner") ?? "";
  const repository = github.store.repositoryByName(owner, name) ?? github.store.repositoryByFormerName(owner, name);
  const writes = service === "git-receive-pack";
  if (caller.kind === "anonymous" && (writes || repository?.private !== false)) {
    throw new Refusal(401, "Repository not found.");
  }
  if (repository === undefined) throw new Refusal(404, "Repository not found.");
  const permission = writes ? "contents:write" : "contents:read";
  requireAccess(caller, repository, [permission], writes ? "write" : "read");
  if (writes && caller.kind === "user" && !includesRole(roleOf(repository, caller.user.id), "write")) {
    throw new Refusal(403, `Permission to ${owner}/${name}.git denied to ${caller.user.login}.`);
  }
  return { repository, caller, protocol: context.req.header("git-protocol") };
}

/** Git prints a refusal's text to its user, and asks for credentials on 401. */
function answered(api: Api, context: Context, work: () => Promise<Response>): Promise<Response> {
  return answering(api, context, { surface: "git", route: "git" }, () => served(api, context, work));
}

async function served(api: Api, context: Context, work: () => Promise<Response>): Promise<Served> {
  const started = performance.now();
  let response: Response;
  try {
    response = await work();
  } catch (error) {
    const { status, body } = errorBody(error, api.github.complain, `${context.req.method} ${context.req.path}`);
    const headers: Record<string, string> = { "content-type": "text/plain; charset=utf-8" };
    if (status === 401) headers["www-authenticate"] = 'Basic realm="GitHub"';
    response = new Response(String(body["message"]), { status, headers });
  }
  const caller = await callerOf(api.github, api.key, context.req.header("authorization")).catch(
    (): Caller => ({ kind: "anonymous" }),
  );
  const call = {
    at: api.github.now().toISOString(),
    method: context.req.method,
    route: "git",
    path: context.req.path,
    status: response.status,
    counted: false,
    resource: "none",
    by: nameOf(caller),
    milliseconds: Math.round(performance.now() - started),
  } as const;
  return { response, call };
}
