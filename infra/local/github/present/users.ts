import type { GitHub } from "../context.ts";
import type { UserRecord } from "../store/records.ts";
import { nodeId } from "./ids.ts";

/** GitHub's "simple user". */
export function presentUser(github: GitHub, user: UserRecord) {
  const api = `${github.apiUrl}/users/${encodeURIComponent(user.login)}`;
  return {
    login: user.login,
    id: user.id,
    node_id: userNodeId(user),
    avatar_url: `${github.url}/-/avatars/${user.id}.svg`,
    gravatar_id: "",
    url: api,
    html_url: userPage(github, user),
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.type,
    user_view_type: "public",
    site_admin: false,
  };
}

export function userNodeId(user: UserRecord): string {
  return nodeId(user.type === "Bot" ? "BOT" : "U", user.id);
}

export function userPage(github: GitHub, user: UserRecord): string {
  return user.type === "Bot" ? `${github.url}/apps/${slugOf(user)}` : `${github.url}/${user.login}`;
}

/** A bot's login without "[bot]": how GraphQL names it. */
export function slugOf(user: UserRecord): string {
  return user.login.replace(/\[bot\]$/, "");
}

/** The address commits of this user carry. */
export function noreplyAddress(user: UserRecord): string {
  return `${user.id}+${user.login}@users.noreply.github.com`;
}

/** The user that an address of `noreplyAddress` names. */
export function userOfAddress(github: GitHub, address: string): UserRecord | undefined {
  const login = /^(?:\d+\+)?([^@]+)@users\.noreply\.github\.com$/.exec(address)?.[1];
  return login === undefined ? undefined : github.store.userByLogin(login);
}
