import type { KeyObject } from "node:crypto";
import { Refusal } from "../actions/refusal.ts";
import { roleOf } from "../actions/roles.ts";
import type { GitHub } from "../context.ts";
import type { InstallationRecord, InstallationTokenRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { digestOf, grants, refuseSuspended, verifyAppJwt } from "./tokens.ts";

/** Who asks. */
export type Caller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "app" }
  | { readonly kind: "user"; readonly user: UserRecord }
  | {
      readonly kind: "installation";
      readonly installation: InstallationRecord;
      readonly token: InstallationTokenRecord;
      readonly bot: UserRecord;
    };

/** A permission of the app, for example contents:read. */
export type Permission = `${string}:${"read" | "write"}`;

/** Finds out who an Authorization header speaks for. */
export async function callerOf(github: GitHub, key: KeyObject, authorization: string | undefined): Promise<Caller> {
  if (authorization === undefined || authorization === "") return { kind: "anonymous" };
  const [scheme = "", value = ""] = authorization.split(/\s+/, 2);
  if (scheme.toLowerCase() === "basic") {
    const pair = Buffer.from(value, "base64").toString();
    return callerOfToken(github, pair.slice(pair.indexOf(":") + 1));
  }
  if (!["token", "bearer"].includes(scheme.toLowerCase())) throw badCredentials();
  if (value.split(".").length === 3) {
    await verifyAppJwt(github, key, value);
    return { kind: "app" };
  }
  return callerOfToken(github, value);
}

function callerOfToken(github: GitHub, token: string): Caller {
  const { directory } = github.store;
  const user = directory.users.find((candidate) => candidate.token !== undefined && candidate.token === token);
  if (user !== undefined) return { kind: "user", user };
  const digest = digestOf(token);
  const record = directory.installationTokens.find((candidate) => candidate.digest === digest);
  if (record === undefined || Date.parse(record.expiresAt) <= github.now().getTime()) throw badCredentials();
  const installation = directory.installations.find(({ id }) => id === record.installationId);
  if (installation === undefined) throw badCredentials();
  refuseSuspended(installation);
  return { kind: "installation", installation, token: record, bot: github.store.user(directory.app.botId) };
}

function badCredentials(): Refusal {
  return new Refusal(401, "Bad credentials");
}

/** Whose budget a call is counted against, and how logs name the caller. */
export function nameOf(caller: Caller): string {
  if (caller.kind === "user") return `user:${caller.user.login}`;
  return caller.kind === "installation" ? `installation:${caller.installation.id}` : caller.kind;
}

/** The account in whose name the caller acts; nobody may act without one. */
export function actorOf(caller: Caller): UserRecord {
  if (caller.kind === "user") return caller.user;
  if (caller.kind === "installation") return caller.bot;
  if (caller.kind === "anonymous") throw new Refusal(401, "Requires authentication");
  throw new Refusal(403, "Resource not accessible by integration");
}

/**
 * Refuses who may not look at a repository, or with a token that lacks every one of `permissions`. Reading what is
 * public needs none, except that an app is held to its own permissions where it is installed.
 */
export function requireAccess(
  caller: Caller,
  repository: RepositoryRecord,
  permissions: readonly Permission[],
  access: "read" | "write",
): void {
  if (caller.kind === "app") throw new Refusal(403, "Resource not accessible by integration");
  if (caller.kind !== "installation") {
    const userId = caller.kind === "user" ? caller.user.id : undefined;
    if (roleOf(repository, userId) === undefined) throw new Refusal(404, "Not Found");
    if (access === "write" && caller.kind === "anonymous") throw new Refusal(401, "Requires authentication");
    return;
  }
  const { installation, token } = caller;
  const covered =
    installation.repositoryIds.includes(repository.id) && (token.repositoryIds?.includes(repository.id) ?? true);
  if (!covered) {
    if (repository.private) throw new Refusal(404, "Not Found");
    if (access === "write") throw new Refusal(403, "Resource not accessible by integration");
    return;
  }
  const granted = permissions.some((permission) => {
    const [name = "", level = ""] = permission.split(":");
    return grants(token.permissions, name, level);
  });
  if (!granted) throw new Refusal(403, "Resource not accessible by integration");
}
