import { createRepository } from "../actions/repositories.ts";
import { notFound } from "../actions/refusal.ts";
import { actorOf } from "../auth/callers.ts";
import { toSeconds, type GitHub } from "../context.ts";
import { presentFullRepository } from "../present/repository.ts";
import { presentUser } from "../present/users.ts";
import type { UserRecord } from "../store/records.ts";
import { created, json } from "./reply.ts";
import { type Route, route } from "./route.ts";

export const userRoutes: readonly Route[] = [
  route("GET /user", "user", ({ github, caller }) => json(presentPublicUser(github, actorOf(caller)))),
  route("GET /users/{username}", "anyone", ({ github, parameters: { username } }) => {
    const user = github.store.userByLogin(username);
    if (user === undefined) throw notFound();
    return json(presentPublicUser(github, user));
  }),
  route("POST /user/repos", "user", async ({ github, caller, parameters }) => {
    const repository = await createRepository(github, actorOf(caller), parameters);
    const body = presentFullRepository(github, repository, "admin");
    return created(body, body.url);
  }),
];

function presentPublicUser(github: GitHub, user: UserRecord) {
  const owned = github.store.repositories().filter(({ ownerId }) => ownerId === user.id);
  return {
    ...presentUser(github, user),
    name: user.name,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: owned.filter((repository) => !repository.private).length,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: toSeconds(new Date(user.createdAt)),
    updated_at: toSeconds(new Date(user.createdAt)),
  };
}
