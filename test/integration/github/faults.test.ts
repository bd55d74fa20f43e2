import type { Octokit } from "@octokit/rest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
let app: Octokit;
const repository = { owner: "maintainer", repo: "shop" };
const issue = { ...repository, issue_number: 1 };
const comments = { on: "request", match: { method: "POST", path: "/repos/*/*/issues/*/comments", by: "installation" } };

beforeEach(async () => {
  world = await startWorld();
  clone = await shop(world);
  await clone.commit("blue", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  await world.as("author").rest.pulls.create({ ...repository, title: "Blue", head: "blue", base: "main" });
  app = await world.installation();
  await app.rest.repos.get(repository);
  await world.hub.settled();
});

afterEach(() => world.close());

async function control(method: string, path: string, body?: unknown): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${world.hub.url}/-/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, answer: text === "" ? undefined : JSON.parse(text) };
}

async function fault(rule: object): Promise<void> {
  expect((await control("POST", "faults", rule)).status).toBe(201);
}

const say = (body: string) => app.rest.issues.createComment({ ...issue, body });

async function said(): Promise<(string | undefined)[]> {
  const { data } = await world.as("author").rest.issues.listComments(issue);
  return data.map(({ body }) => body);
}

describe("the control endpoint", () => {
  test("adds rules, lists them with how often they struck, and takes them away", async () => {
    const rule = { ...comments, when: { next: 1 }, effect: { do: "fail", status: 502 } };
    expect(await control("POST", "faults", rule)).toMatchObject({
      status: 201,
      answer: { id: 1, seen: 0, struck: 0, effect: { hits: "request" } },
    });
    await expect(say("one")).rejects.toMatchObject({ status: 502 });
    await say("two");
    expect((await control("GET", "faults")).answer).toMatchObject([{ id: 1, seen: 2, struck: 1, when: { next: 1 } }]);
    expect((await control("DELETE", "faults/1")).status).toBe(204);
    expect((await control("DELETE", "faults/1")).status).toBe(404);
    await fault(rule);
    expect((await control("DELETE", "faults")).status).toBe(204);
    expect((await control("GET", "faults")).answer).toEqual([]);
    await say("three");
  });

  test("refuses what it does not know, with the reason, and other sites", async () => {
    const unknown = { on: "request", effect: { do: "drop", colour: "blue" } };
    expect(await control("POST", "faults", unknown)).toMatchObject({
      status: 400,
      answer: { message: expect.stringContaining("colour") },
    });
    const body = JSON.stringify({ on: "request", effect: { do: "drop" } });
    const headers = { origin: "https://elsewhere.example" };
    expect((await fetch(`${world.hub.url}/-/faults`, { method: "POST", body, headers })).status).toBe(403);
    expect((await fetch(`${world.hub.url}/-/faults`, { method: "POST", body: "{" })).status).toBe(400);
  });
});

describe("a request that fails", () => {
  test.each([
    ["before it is worked on", "request", []],
    ["after it was worked on", "answer", ["lost"]],
  ])("%s", async (_, hits, left) => {
    for (const effect of [
      { do: "fail", status: 500, hits },
      { do: "drop", hits },
    ]) {
      await fault({ ...comments, when: { next: 1 }, effect });
      await expect(say("lost")).rejects.toMatchObject({ status: 500 });
      await control("DELETE", "faults");
    }
    expect(await said()).toEqual(left.length === 0 ? [] : ["lost", "lost"]);
  });

  test("hangs until the caller gives up, and is worked on before or not at all", async () => {
    for (const hits of ["request", "answer"]) {
      await fault({ ...comments, when: { next: 1 }, effect: { do: "hang", hits } });
      const request = { signal: AbortSignal.timeout(300) };
      await expect(app.rest.issues.createComment({ ...issue, body: hits, request })).rejects.toThrow(/abort|timeout/i);
    }
    expect(await said()).toEqual(["answer"]);
  });

  test("is late: the effect may be there before the answer", async () => {
    for (const hits of ["request", "answer"]) {
      await fault({ ...comments, when: { next: 1 }, effect: { do: "delay", milliseconds: 60_000, hits } });
      const request = { signal: AbortSignal.timeout(300) };
      await expect(app.rest.issues.createComment({ ...issue, body: hits, request })).rejects.toThrow(/abort|timeout/i);
    }
    expect(await said()).toEqual(["answer"]);
    await fault({ ...comments, effect: { do: "delay", milliseconds: 50 } });
    await say("late");
    expect(await said()).toEqual(["answer", "late"]);
  });

  test("is answered with half of the JSON", async () => {
    await fault({ on: "request", match: { path: "/user" }, effect: { do: "malform" } });
    const half = await fetch(`${world.hub.url}/user`, {
      headers: { authorization: `token ${world.tokenOf("author")}` },
    });
    expect(half.status).toBe(200);
    await expect(half.json()).rejects.toThrow(SyntaxError);
  });
});

describe("limits", () => {
  test("the secondary one says how long to wait, or does not", async () => {
    await fault({ ...comments, when: { next: 1 }, effect: { do: "secondary-limit", retryAfter: 7 } });
    await expect(say("no")).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining("secondary rate limit"),
      response: { headers: { "retry-after": "7" } },
    });
    await fault({ ...comments, when: { next: 1 }, effect: { do: "secondary-limit", status: 429, retryAfter: null } });
    const error: unknown = await say("no").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 429 });
    expect(error).not.toHaveProperty("response.headers.retry-after");
    expect(await said()).toEqual([]);
  });

  test("the primary one says when it is lifted; GraphQL says it with status 200", async () => {
    const reset = Math.floor(Date.now() / 1000) + 90;
    await fault({ ...comments, effect: { do: "primary-limit", resetIn: 90 } });
    const error: { response?: { headers: Record<string, string> } } = await say("no").catch((reason) => reason);
    const headers = error.response?.headers ?? {};
    expect(headers["x-ratelimit-remaining"]).toBe("0");
    expect(Math.abs(Number(headers["x-ratelimit-reset"]) - reset)).toBeLessThan(30);
    await fault({ on: "request", match: { surface: "graphql" }, effect: { do: "primary-limit" } });
    await expect(app.graphql("{ viewer { login } }")).rejects.toMatchObject({ errors: [{ type: "RATE_LIMITED" }] });
  });
});

describe("surfaces", () => {
  test("a rule for tokens, GraphQL or git leaves the rest alone", async () => {
    for (const surface of ["token", "graphql", "git"]) {
      await fault({ on: "request", match: { surface }, effect: { do: "fail", status: 503 } });
    }
    await app.rest.repos.get(repository);
    await expect((await world.installation()).rest.repos.get(repository)).rejects.toMatchObject({ status: 503 });
    await expect(app.graphql("{ viewer { login } }")).rejects.toMatchObject({ status: 503 });
    await expect(clone.git("fetch", "origin")).rejects.toThrow(/503/);
    const struck = (await control("GET", "faults")).answer;
    expect(struck).toMatchObject([{ struck: 1 }, { struck: 1 }, { struck: 1 }]);
  });

  test("a rule for one repository finds it by name, number, node id and git address", async () => {
    await shop(world, "other");
    const { data } = await app.rest.repos.get(repository);
    const query = "query($id: ID!) { node(id: $id) { id } }";
    const byName = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id } }";
    await fault({ on: "request", match: { repository: "Maintainer/Shop" }, effect: { do: "fail", status: 500 } });
    for (const asked of [
      app.request("GET /repos/{owner}/{repo}", repository),
      app.request(`GET /repositories/${data.id}`),
      app.graphql(query, { id: data.node_id }),
      app.graphql(byName, { owner: "maintainer", name: "shop" }),
    ]) {
      await expect(asked).rejects.toMatchObject({ status: 500 });
    }
    await expect(clone.git("fetch", "origin")).rejects.toThrow(/500/);
    await app.rest.repos.get({ owner: "maintainer", repo: "other" });
    await app.graphql(byName, { owner: "maintainer", name: "other" });
  });
});

describe("the log of calls", () => {
  test("names the rules that struck; what nobody worked on is not counted", async () => {
    await control("DELETE", "calls");
    await fault({ ...comments, when: { next: 1 }, effect: { do: "drop" } });
    await expect(say("no")).rejects.toMatchObject({ status: 500 });
    await fault({ ...comments, when: { next: 1 }, effect: { do: "drop", hits: "answer" } });
    await expect(say("lost")).rejects.toMatchObject({ status: 500 });
    await say("heard");
    const route = "/repos/{owner}/{repo}/issues/{issue_number}/comments";
    expect((await control("GET", "calls")).answer).toMatchObject([
      { route, status: 0, counted: false, faults: [1] },
      { route, status: 201, counted: true, faults: [2] },
      { route, status: 201, counted: true },
    ]);
    expect((await control("GET", "calls/totals")).answer).toEqual([
      {
        by: expect.stringMatching(/^installation:/),
        method: "POST",
        route,
        resource: "core",
        calls: 3,
        counted: 2,
        unchanged: 0,
      },
    ]);
  });
});
