import { slugOf, userNodeId, userPage } from "../present/users.ts";
import type { UserRecord } from "../store/records.ts";
import { type GraphObject, type Query, Unimplemented, field } from "./fields.ts";

/** A person or bot. A bot's login has no "[bot]" here. */
export function actorObject({ github }: Query, user: UserRecord): GraphObject {
  const url = userPage(github, user);
  const common = {
    id: userNodeId(user),
    databaseId: user.id,
    login: slugOf(user),
    url,
    resourcePath: new URL(url).pathname,
    avatarUrl: field<{ size?: number }>(["size"], () => `${github.url}/-/avatars/${user.id}.svg`),
    createdAt: user.createdAt,
  };
  return user.type === "Bot" ? { __typename: "Bot", ...common } : { __typename: "User", ...common, name: user.name };
}

/** The caller; an installation is its bot, the app itself is nobody. */
export function viewerOf({ github, caller }: Query): UserRecord {
  if (caller.kind === "user") return caller.user;
  if (caller.kind === "installation") return github.store.user(github.store.directory.app.botId);
  throw new Unimplemented(`a viewer who is ${caller.kind}`);
}
