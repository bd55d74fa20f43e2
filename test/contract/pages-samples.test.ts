import { afterAll, beforeAll, expect, test } from "vitest";
import { cloneOf, type World } from "../integration/github/world.ts";
import { fileOf, startPages, submit } from "./pages-world.ts";

let world: World;
beforeAll(async () => {
  world = await startPages();
});
afterAll(() => world.close());

async function press(path: string, fields: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const response = await submit(world, path, fields);
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
}

function content(ref: string, path: string, repo = "shop"): Promise<string> {
  return fileOf(world, { owner: "author", repo, path, ref });
}

test("the shop's sample change gives its front another name and colour, and each push the next", async () => {
  await press("/-/repositories", { sample: "shop" });
  const first = JSON.parse(await content("main", "services/web/theme.json"));
  expect(await press("/-/repository/author/shop/open")).toEqual({ location: "/author/shop/pull/1" });
  const second = JSON.parse(await content("sample-change-1", "services/web/theme.json"));
  expect(Object.keys(second)).toEqual(Object.keys(first));
  await press("/-/pull/author/shop/1/push");
  const third = JSON.parse(await content("sample-change-1", "services/web/theme.json"));
  expect(new Set([first.title, second.title, third.title]).size).toBe(3);
  expect(new Set([first.accent, second.accent, third.accent]).size).toBe(3);
  const { data: files } = await world
    .as("author")
    .rest.pulls.listFiles({ owner: "author", repo: "shop", pull_number: 1 });
  expect(files.map(({ filename }) => filename)).toEqual(["services/web/theme.json"]);
});

test("a second pull request is from a branch of its own, and one from an old fork starts where the repository is now", async () => {
  expect(await press("/-/repository/author/shop/fork")).toEqual({ location: "/author/shop/pull/2" });
  await press("/-/pull/author/shop/1/merge");
  expect(await press("/-/repository/author/shop/fork")).toEqual({ location: "/author/shop/pull/3" });
  expect(await press("/-/repository/author/shop/open")).toEqual({ location: "/author/shop/pull/4" });
  const heads = await Promise.all(
    [3, 4].map(async (pull_number) => {
      const { data } = await world.as("author").rest.pulls.get({ owner: "author", repo: "shop", pull_number });
      return { label: data.head.label, commits: data.commits, mergeable: data.mergeable };
    }),
  );
  expect(heads).toEqual([
    { label: "visitor:sample-change-3", commits: 1, mergeable: true },
    { label: "author:sample-change-2", commits: 1, mergeable: true },
  ]);
});

test("a repository that is none of the samples gets its README changed", async () => {
  await world.as("author").rest.repos.createForAuthenticatedUser({ name: "plain" });
  const empty = await submit(world, "/-/repository/author/plain/open");
  expect([empty.status, await empty.json()]).toEqual([
    422,
    { message: "The repository has no commit yet: push one first." },
  ]);
  const clone = await cloneOf(world, "author/plain", "author");
  await clone.commit("main", { "README.md": "# Plain\n" });
  await clone.git("push", "--quiet", "origin", "main");
  await press("/-/repository/author/plain/open");
  expect(await content("sample-change-1", "README.md", "plain")).toBe("# Plain\n\nChanged once more.\n");
});
