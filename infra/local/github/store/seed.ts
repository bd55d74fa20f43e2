import { randomBytes } from "node:crypto";
import type { Directory, Permissions, Role, UserRecord } from "./records.ts";

/** The people of a new stand-in: what each may do on a repository that POST /user/repos made. */
export const people: readonly { readonly login: string; readonly name: string; readonly role: Role }[] = [
  { login: "maintainer", name: "Maintainer", role: "admin" },
  { login: "author", name: "Author", role: "write" },
  { login: "visitor", name: "Visitor", role: "read" },
];

/** The least Greenroom is installed with, and the optional two. */
export const appPermissions: Permissions = {
  checks: "write",
  contents: "read",
  deployments: "write",
  metadata: "read",
  pull_requests: "write",
};

export const appEvents: readonly string[] = ["check_run", "issue_comment", "pull_request"];

/** A personal access token in GitHub's form. */
export function newUserToken(): string {
  return `ghp_${randomBytes(18).toString("hex")}`;
}

/** The first directory: three people, the app and its bot. */
export function seedDirectory(now: Date): Directory {
  const createdAt = now.toISOString();
  const users: UserRecord[] = people.map(({ login, name }, index) => ({
    id: 101 + index,
    login,
    name,
    type: "User",
    token: newUserToken(),
    createdAt,
  }));
  const bot: UserRecord = {
    id: 201,
    login: "greenroom[bot]",
    name: "greenroom",
    type: "Bot",
    token: undefined,
    createdAt,
  };
  return {
    nextId: 1000,
    app: {
      id: 301,
      slug: "greenroom",
      name: "Greenroom",
      clientId: "Iv23liGreenroom",
      ownerId: 101,
      botId: bot.id,
      webhookSecret: randomBytes(24).toString("hex"),
      createdAt,
      permissions: appPermissions,
      events: appEvents,
    },
    users: [...users, bot],
    installations: [],
    installationTokens: [],
    formerNames: {},
  };
}
