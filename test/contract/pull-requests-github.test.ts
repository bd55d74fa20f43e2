import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PreviewKey } from "../../src/preview/key.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import { type Clone, cloneOf } from "../integration/github/world.ts";
import { pullRequestsContract } from "./pull-requests.contract.ts";
import { type PlayedStandIn, playStandIn } from "./pull-requests-world.ts";

const never = new AbortController().signal;

pullRequestsContract("on GitHub", () => playStandIn());

let played: PlayedStandIn;
let clone: Clone;
beforeEach(async () => {
  played = await playStandIn();
  clone = await cloneOf(played.world, "maintainer/shop", "author");
});
afterEach(() => played.dispose());

async function read(key: PreviewKey): Promise<PullRequest> {
  const pr = await played.pullRequests.read(key, undefined, never);
  if (pr === "gone") throw new Error("the pull request is gone");
  return pr;
}

/** Changes files on main: a text is written, undefined takes the file away. */
async function change(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(clone.path, name);
    if (text === undefined) await rm(path);
    else {
      await mkdir(join(path, ".."), { recursive: true });
      await writeFile(path, text);
    }
  }
  await clone.commit("main", {});
  await clone.git("push", "--quiet", "origin", "main");
}

test("the configuration is read from both places, in their order", async () => {
  const key = await played.github.open();
  expect((await read(key)).base.config).toBeUndefined();
  await change({ ".github/greenroom.yaml": "previews: {}\n" });
  expect((await read(key)).base.config).toEqual({ file: ".github/greenroom.yaml", text: "previews: {}\n" });
  await change({ "greenroom.yaml": "chart: {path: chart}\n" });
  expect((await read(key)).base.config).toEqual({ file: "greenroom.yaml", text: "chart: {path: chart}\n" });
});

test("what is no text, or too large to be shown, is said to be none", async () => {
  const key = await played.github.open();
  await change({ "greenroom.yaml": "a\0b" });
  expect((await read(key)).base.config).toEqual({ file: "greenroom.yaml", text: undefined });
  await change({ "greenroom.yaml": `# ${"x".repeat(600_000)}\n` });
  expect((await read(key)).base.config).toEqual({ file: "greenroom.yaml", text: undefined });
});

test("a branch that brings a greenroom.yaml is told, a fork's is not", async () => {
  const own = await played.github.open();
  await clone.git("fetch", "--quiet");
  await clone.git("checkout", "--quiet", (await read(own)).head.ref);
  await clone.commit("brings", { "greenroom.yaml": "chart: {path: chart}\n" });
  await clone.git("push", "--quiet", "origin", `brings:${(await read(own)).head.ref}`);
  expect((await read(own)).head.configured).toBe(true);
  expect((await read(own)).base.config).toBeUndefined();
});

test("a renamed file is listed by both names, and many are not listed at all", async () => {
  await change({ "one.txt": "a text of some length that is only moved\n" });
  await clone.git("checkout", "--quiet", "-b", "moved");
  await clone.git("mv", "one.txt", "two.txt");
  await clone.commit("moved", {});
  await clone.git("push", "--quiet", "origin", "moved");
  const place = { owner: "maintainer", repo: "shop", base: "main" };
  const { data } = await played.world.as("author").rest.pulls.create({ ...place, title: "Move", head: "moved" });
  const key = { ...(await played.github.open()), number: data.number };
  const files = await played.pullRequests.changedFiles(await read(key), never);
  expect(files === "many" ? files : files.toSorted()).toEqual(["one.txt", "two.txt"]);

  await clone.commit("moved", Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`${index}.txt`, "x"])));
  await clone.git("push", "--quiet", "origin", "moved");
  const many = await read(key);
  played.calls.length = 0;
  expect(await played.pullRequests.changedFiles(many, never)).toBe("many");
  expect(played.calls).toHaveLength(3);
  expect(await played.pullRequests.changedFiles(many, never)).toBe("many");
  expect(played.calls).toHaveLength(3);
});
