import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { World } from "../integration/github/world.ts";
import { startPages, submit } from "./pages-world.ts";

let world: World;
beforeAll(async () => {
  world = await startPages();
});
afterAll(() => world.close());

const create = { sample: "hello" };
const names = (): string[] => world.hub.github.store.repositories().map(({ name }) => name);

describe("a form is believed only if one of our own pages sent it", () => {
  const refused: readonly [string, (url: string) => Record<string, string>][] = [
    ["without an origin", () => ({})],
    ["from another site", () => ({ origin: "https://elsewhere.example" })],
    ["from another port of this machine", () => ({ origin: "http://127.0.0.1:1" })],
    ["from a page without an origin of its own", () => ({ origin: "null" })],
    [
      "under a foreign name bound to this machine",
      () => ({ origin: "http://rebound.example", host: "rebound.example" }),
    ],
    ["which the browser says came from elsewhere", (origin) => ({ origin, "sec-fetch-site": "cross-site" })],
    ["which the browser says came from a sibling", (origin) => ({ origin, "sec-fetch-site": "same-site" })],
  ];
  test.each(refused)("%s: refused", async (_, headers) => {
    const response = await submit(world, "/-/repositories", create, headers(world.hub.url));
    expect(response.status).toBe(403);
    expect(names()).toEqual([]);
  });

  const buttons = ["viewer", "repositories", "repository/a/b/open", "repository/a/b/fork", "pull/a/b/1/close"];
  test.each([...buttons, "deliveries/1/redeliver"])("%s from elsewhere: refused", async (button) => {
    const response = await submit(world, `/-/${button}`, {}, { origin: "https://elsewhere.example" });
    expect(response.status).toBe(403);
  });

  test("from this machine's other names: accepted", async () => {
    const { port } = new URL(world.hub.url);
    const response = await submit(world, "/-/repositories", create, {
      origin: `http://localhost:${port}`,
      "sec-fetch-site": "same-origin",
    });
    expect(response.status).toBe(200);
    expect(names()).toEqual(["hello"]);
  });
});

test("a second repository of a sample gets a name of its own", async () => {
  const response = await submit(world, "/-/repositories", create);
  expect(await response.json()).toEqual({ location: "/author/hello-2" });
});

test("a browser without our script is led to the page", async () => {
  const response = await submit(world, "/-/repositories", create, { origin: world.hub.url, accept: "text/html" });
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toBe("/author/hello-3");
});

test.each([
  ["/author/hello", "/author/hello"],
  ["https://elsewhere.example/x", "/"],
  ["//elsewhere.example/x", "/"],
  ["\\\\elsewhere.example", "/"],
  ["javascript:alert(1)", "/"],
])("acting as somebody leads back but never away: %s", async (back, location) => {
  const response = await submit(world, "/-/viewer", { login: "visitor", back });
  expect(await response.json()).toEqual({ location });
  expect(response.headers.get("set-cookie")).toMatch(/^acting-as=visitor; .*HttpOnly; SameSite=Strict/);
});

test.each([
  ["a sample that there is not", "/-/repositories", { sample: "constructor" }, 404],
  ["nobody to act as", "/-/viewer", { login: "greenroom[bot]", back: "/" }, 404],
  ["a repository that there is not", "/-/repository/author/none/open", {}, 404],
  ["a button that there is not", "/-/pull/author/hello/1/constructor", {}, 404],
  ["a delivery that there is not", "/-/deliveries/1/redeliver", {}, 404],
] as const)("%s is refused", async (_, path, fields, status) => {
  const response = await submit(world, path, fields);
  expect(response.status).toBe(status);
});

test.each(["/users/author", "/repos/author/hello", "/rate_limit"])("%s stays the API’s", async (path) => {
  const response = await fetch(world.hub.url + path);
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
});

test.each(["/nobody", "/nobody/nothing", "/author/hello/pull/99", "/-/nothing", "/user/nothing"])(
  "%s is nowhere",
  async (path) => {
    expect((await fetch(world.hub.url + path)).status).toBe(404);
  },
);

test("pages allow no script but ours and send no tokens", async () => {
  const { users } = world.hub;
  for (const path of ["/", "/author", "/author/hello", "/-/lab"]) {
    const response = await fetch(world.hub.url + path);
    const text = await response.text();
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    for (const { token } of users) expect(text).not.toContain(token);
  }
});
