import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
let app: Octokit;
const complaints: string[] = [];
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld({ complain: (message) => complaints.push(message) });
  clone = await shop(world);
  app = await world.installation();
});

afterAll(() => world.close());

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `token ${world.tokenOf("maintainer")}`;
  return fetch(world.hub.url + path, { headers: { authorization, ...headers } });
}

describe("strictness", () => {
  test.each(["/repos/maintainer/shop/milestones", "/api/v3/repos/maintainer/shop/milestones", "/-/nothing", "/x/y/z"])(
    "an unknown route is a loud 404: %s",
    async (path) => {
      complaints.length = 0;
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ unknown_route: `GET ${path}` });
      expect(complaints).toEqual([`unknown route: GET ${path}`]);
    },
  );

  test("what GitHub does not name is refused, in the query and in the body", async () => {
    expect((await get("/repos/maintainer/shop/pulls?colour=blue")).status).toBe(422);
    expect((await get("/repos/maintainer/shop/pulls/one")).status).toBe(404);
    const create = world.as("maintainer").request("POST /user/repos", { name: "other", colour: "blue" });
    await expect(create).rejects.toMatchObject({ status: 422, message: expect.stringMatching(/colour/) });
  });

  test("what GitHub names and the stand-in cannot do fails, rather than being ignored", async () => {
    complaints.length = 0;
    const create = world.as("maintainer").rest.repos.createForAuthenticatedUser({ name: "third", auto_init: true });
    await expect(create).rejects.toMatchObject({ status: 500, message: expect.stringMatching(/auto_init/) });
    expect(complaints).toEqual([expect.stringMatching(/auto_init/)]);
  });

  test("a form of answer that the stand-in does not have fails, too", async () => {
    expect((await get("/repos/maintainer/shop", { accept: "application/vnd.github.full+json" })).status).toBe(500);
  });

  test("an unknown token is bad credentials", async () => {
    const response = await get("/user", { authorization: "token ghp_unknown" });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: "Bad credentials" });
  });
});

describe("both addresses", () => {
  test("answer alike, by name and by number", async () => {
    const { data } = await app.rest.repos.get(repository);
    for (const path of [
      "/repos/maintainer/shop",
      "/api/v3/repos/maintainer/shop",
      `/repositories/${data.id}`,
      `/api/v3/repositories/${data.id}`,
    ]) {
      expect(await (await get(path)).json()).toMatchObject({ id: data.id, full_name: "maintainer/shop" });
    }
  });

  test("a former name leads to the repository, for the API and for git", async () => {
    const { data } = await world.as("maintainer").rest.repos.createForAuthenticatedUser({ name: "before" });
    await world.as("maintainer").rest.repos.update({ owner: "maintainer", repo: "before", name: "after" });
    const response = await fetch(`${world.hub.url}/repos/maintainer/before`, { redirect: "manual" });
    expect(response.status).toBe(301);
    expect(response.headers.get("location")).toBe(`${world.hub.url}/repositories/${data.id}`);
    const { data: found } = await world.as("maintainer").rest.repos.get({ owner: "maintainer", repo: "before" });
    expect(found.full_name).toBe("maintainer/after");
  });
});

describe("lists", () => {
  test("come in pages, with links that Octokit follows", async () => {
    const author = world.as("author");
    const names = ["one", "two", "three", "four", "five"];
    for (const name of names) await author.rest.issues.createLabel({ ...repository, name });
    const first = await author.rest.issues.listLabelsForRepo({ ...repository, per_page: 2 });
    expect(first.headers.link).toMatch(/page=2>; rel="next".*page=3>; rel="last"/);
    const all = await author.paginate(author.rest.issues.listLabelsForRepo, { ...repository, per_page: 2 });
    expect(all.map(({ name }) => name)).toEqual(names);
  });
});

describe("limits and ETags", () => {
  test("every answer counts down, except 304; ETags vary by token unless told otherwise", async () => {
    const path = "/repos/maintainer/shop";
    const first = await get(path);
    const etag = first.headers.get("etag") ?? "";
    const used = Number(first.headers.get("x-ratelimit-used"));
    const again = await get(path, { "if-none-match": etag });
    expect(again.status).toBe(304);
    expect(Number(again.headers.get("x-ratelimit-used"))).toBe(used);
    const limits: unknown = await (await get("/rate_limit")).json();
    expect(limits).toMatchObject({ resources: { core: { limit: 5000, used }, graphql: { limit: 5000 } } });
    const author = { authorization: `token ${world.tokenOf("author")}` };
    const plain = { accept: "application/vnd.github.raw" };
    const other = await get("/repos/maintainer/shop/contents/README.md", { ...author, ...plain });
    const mine = await get("/repos/maintainer/shop/contents/README.md", plain);
    expect(other.headers.get("etag")).not.toBe(mine.headers.get("etag"));
    await fetch(`${world.hub.url}/-/settings`, { method: "POST", body: JSON.stringify({ etags: "by-content" }) });
    const [theirs, ours] = [
      await get("/repos/maintainer/shop/contents/README.md", { ...author, ...plain }),
      await get("/repos/maintainer/shop/contents/README.md", plain),
    ];
    expect(theirs.headers.get("etag")).toBe(ours.headers.get("etag"));
  });

  test("the log says who called what, and whether it counted", async () => {
    await fetch(`${world.hub.url}/-/calls`, { method: "DELETE" });
    await app.rest.repos.get(repository);
    const calls: unknown = await (await fetch(`${world.hub.url}/-/calls`)).json();
    expect(calls).toEqual(world.hub.calls());
    expect(calls).toMatchObject([
      {
        method: "GET",
        route: "/repos/{owner}/{repo}",
        status: 200,
        counted: true,
        by: expect.stringMatching(/^installation:/),
      },
    ]);
  });

  test("who has used up the hour is refused until it is over", async () => {
    let now = new Date();
    const small = await startWorld({ rateLimit: 2, now: () => now });
    const author = small.as("author");
    await author.rest.users.getAuthenticated();
    await author.rest.users.getAuthenticated();
    const refused = author.rest.users.getAuthenticated();
    await expect(refused).rejects.toMatchObject({
      status: 403,
      response: { headers: { "x-ratelimit-remaining": "0" } },
    });
    now = new Date(now.getTime() + 3_600_001);
    await author.rest.users.getAuthenticated();
    await small.close();
  });
});

describe("deliveries", () => {
  test("are recorded with their answer, failed ones too, and are sent again under the same guid", async () => {
    world.receiver.status = 503;
    await clone.commit("red", { "page.html": "red\n" });
    await clone.git("push", "--quiet", "origin", "red");
    await world.as("author").rest.pulls.create({ ...repository, title: "Red", head: "red", base: "main" });
    await world.hub.settled();
    world.receiver.status = 202;
    const { data: failed } = await world.app.rest.apps.listWebhookDeliveries({ per_page: 1 });
    expect(failed).toMatchObject([{ event: "pull_request", action: "opened", status_code: 503, redelivery: false }]);
    const [delivery] = failed;
    if (delivery === undefined) throw new Error("nothing was delivered");
    await world.app.rest.apps.redeliverWebhookDelivery({ delivery_id: delivery.id });
    await world.hub.settled();
    const { data: again } = await world.app.rest.apps.listWebhookDeliveries({ per_page: 1 });
    expect(again).toMatchObject([{ guid: delivery.guid, status: "OK", status_code: 202, redelivery: true }]);
    const { data: detail } = await world.app.rest.apps.getWebhookDelivery({ delivery_id: again[0]?.id ?? 0 });
    expect(detail).toMatchObject({ request: { payload: { action: "opened" } }, response: { payload: "noted" } });
  });

  test("that reach nobody are recorded too, and nobody sends them again unasked", async () => {
    const deaf = await startWorld({ webhookUrl: "http://127.0.0.1:1/" });
    await deaf.as("maintainer").rest.repos.createForAuthenticatedUser({ name: "shop" });
    await deaf.hub.settled();
    const { data } = await deaf.app.rest.apps.listWebhookDeliveries({ status: "failure" });
    expect(data).toMatchObject([{ event: "installation", status: "failed to connect to host", status_code: 502 }]);
    await deaf.close();
  });

  test("are paged by a cursor", async () => {
    const all = await world.app.paginate(world.app.rest.apps.listWebhookDeliveries, { per_page: 1 });
    expect(all.length).toBe(world.hub.github.webhooks.deliveries.list().length);
  });
});

describe("a restart", () => {
  test("keeps the credentials, which only their owner can read", async () => {
    const file = join(world.folder, "data", "credentials.json");
    const { url, apiUrl, appId, privateKeyPath, webhookSecret, users } = world.hub;
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({
      url,
      apiUrl,
      appId,
      privateKeyPath,
      webhookSecret,
      users,
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await world.restart();
    expect(world.hub).toMatchObject({ appId, privateKeyPath, webhookSecret, users });
  });

  test("forgets nothing", async () => {
    const before = await (await world.installation()).rest.pulls.list({ ...repository, state: "all" });
    const known = world.hub.github.webhooks.deliveries.list().length;
    await world.restart();
    const { data: after } = await (await world.installation()).rest.pulls.list({ ...repository, state: "all" });
    expect(after.map(({ id, head }) => [id, head.sha])).toEqual(before.data.map(({ id, head }) => [id, head.sha]));
    expect(world.hub.github.webhooks.deliveries.list().length).toBe(known);
    expect(await clone.git("ls-remote", `${world.hub.url}/maintainer/shop.git`, "refs/heads/red")).not.toBe("");
  });
});
