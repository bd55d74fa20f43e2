import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { cloneOf, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const made = z.array(
  z.object({
    id: z.int(),
    full_name: z.string(),
    pull_requests: z.array(z.object({ number: z.int(), head: z.string() })),
  }),
);

async function control(path: string, body: unknown): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${world.hub.url}/-/${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, answer: await response.json() };
}

/** Asks for the first page of a list, if it is not the one of these tags. */
function ask(tags?: string): Promise<Response> {
  return fetch(`${world.hub.apiUrl}/repos/maintainer/still-1/pulls?state=open&per_page=2`, {
    headers: {
      authorization: `token ${world.tokenOf("author")}`,
      ...(tags === undefined ? {} : { "if-none-match": tags }),
    },
  });
}

test("many repositories with many pull requests are as if people had made them", async () => {
  const { status, answer } = await control("plenty", { repositories: 3, pullRequests: 4, prefix: "much" });
  expect(status).toBe(201);
  const repositories = made.parse(answer);
  expect(repositories.map(({ full_name }) => full_name)).toEqual([
    "maintainer/much-1",
    "maintainer/much-2",
    "maintainer/much-3",
  ]);
  await world.hub.settled();
  expect(world.receiver.received.filter(({ event }) => event === "pull_request")).toEqual([]);

  const app = await world.installation();
  const last = { owner: "maintainer", repo: "much-3" };
  const { data: pulls } = await app.rest.pulls.list({ ...last, state: "open", direction: "asc" });
  expect(pulls.map(({ number, head }) => ({ number, head: head.sha }))).toEqual(repositories[2]?.pull_requests);
  expect(pulls.map(({ head }) => [head.ref, head.repo.full_name])).toContainEqual(["change-4", "maintainer/much-3"]);
  const { data: one } = await app.rest.pulls.get({ ...last, pull_number: 4 });
  expect(one).toMatchObject({ mergeable: true, commits: 1, changed_files: 1, state: "open" });

  // Git has them too, and a push to one moves that one alone.
  const clone = await cloneOf(world, "maintainer/much-3", "author");
  expect(await clone.git("ls-remote", "origin", "refs/pull/4/merge", "refs/heads/change-2")).toMatch(
    /change-2\n.*4\/merge/,
  );
  await clone.git("checkout", "--quiet", "change-2");
  const sha = await clone.commit("change-2", { "more.html": "more\n" });
  await clone.git("push", "--quiet", "origin", "change-2");
  const { data: after } = await app.rest.pulls.list({ ...last, state: "open", direction: "asc" });
  expect(after.map(({ head }) => head.sha === sha)).toEqual([false, true, false, false]);
  await world.as("maintainer").rest.pulls.update({ ...last, pull_number: 1, state: "closed" });
  expect((await app.rest.pulls.list(last)).data).toHaveLength(3);
  expect((await app.rest.pulls.list({ owner: "maintainer", repo: "much-2" })).data).toHaveLength(4);
});

test("the app can be told of each", async () => {
  await control("plenty", { repositories: 2, pullRequests: 2, prefix: "told", webhooks: true });
  await world.hub.settled();
  const opened = world.receiver.received.filter(
    ({ event, payload }) => event === "pull_request" && payload.action === "opened",
  );
  expect(opened).toHaveLength(4);
});

test("a list that did not change costs nothing, by name of any of several tags", async () => {
  await control("plenty", { repositories: 1, pullRequests: 3, prefix: "still" });
  const first = await ask();
  expect(first.headers.get("link")).toMatch(/rel="next"/);
  const used = first.headers.get("x-ratelimit-used");
  const again = await ask(`W/"other", ${first.headers.get("etag") ?? ""}`);
  expect([again.status, again.headers.get("x-ratelimit-used")]).toEqual([304, used]);
  expect((await ask('W/"other"')).status).toBe(200);
});

test("what is asked wrongly is refused with the reason", async () => {
  const wrong = await control("plenty", { repositories: 1, pullRequests: 1, colour: "blue" });
  expect(wrong).toMatchObject({ status: 400, answer: { message: expect.stringContaining("colour") } });
  const nobody = await control("plenty", { repositories: 1, pullRequests: 1, owner: "nobody" });
  expect(nobody).toMatchObject({ status: 422, answer: { message: "There is no nobody." } });
});

test("people and other apps' bots can be added; neither may more than its role", async () => {
  await control("plenty", { repositories: 1, pullRequests: 1, prefix: "peopled" });
  const added = z.object({ login: z.string(), type: z.string(), token: z.string() });
  const person = added.parse((await control("people", { login: "newcomer" })).answer);
  const bot = added.parse((await control("people", { login: "updates[bot]" })).answer);
  expect([person.type, bot.type]).toEqual(["User", "Bot"]);
  expect(await control("people", { login: "newcomer" })).toMatchObject({ status: 422 });
  const app = await world.installation();
  expect((await app.rest.users.getByUsername({ username: "updates[bot]" })).data).toMatchObject({ type: "Bot" });
  const place = { owner: "maintainer", repo: "peopled-1" };
  for (const { login, token } of [person, bot]) {
    const call = (method: string, path: string, body: unknown) =>
      fetch(`${world.hub.apiUrl}/repos/maintainer/peopled-1${path}`, {
        method,
        headers: { authorization: `token ${token}` },
        body: JSON.stringify(body),
      });
    expect((await call("POST", "/issues/1/comments", { body: "/preview status" })).status).toBe(201);
    expect((await call("POST", "/issues/1/labels", { labels: ["preview"] })).status).toBe(403);
    expect((await call("POST", "/check-runs", { name: "mine", head_sha: "0".repeat(40) })).status).toBe(403);
    await world.as("maintainer").rest.repos.addCollaborator({ ...place, username: login, permission: "triage" });
    expect((await call("POST", "/issues/1/labels", { labels: ["preview"] })).status).toBe(200);
  }
});
