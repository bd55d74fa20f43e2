import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld();
  clone = await shop(world);
  await clone.commit("blue", { "page.html": "blue\n", "README.md": "# Blue shop\n" }, "Paint");
  await clone.git("push", "--quiet", "origin", "blue");
});

afterAll(() => world.close());

describe("what is in the repository", () => {
  test("a file, described and raw; a folder; nothing", async () => {
    const { rest } = await world.installation();
    const { data: file } = await rest.repos.getContent({ ...repository, path: "page.html", ref: "blue" });
    if (!("content" in file)) throw new Error("not a file");
    expect(Buffer.from(file.content, "base64").toString()).toBe("blue\n");
    const raw = await rest.repos.getContent({
      ...repository,
      path: "page.html",
      ref: "blue",
      mediaType: { format: "raw" },
    });
    expect(raw.data).toBe("blue\n");
    const { data: folder } = await rest.repos.getContent({ ...repository, path: "", ref: "blue" });
    expect(folder).toMatchObject([{ name: "README.md", type: "file" }, { name: "page.html" }]);
    await expect(rest.repos.getContent({ ...repository, path: "page.html" })).rejects.toMatchObject({ status: 404 });
  });

  test("trees, commits, branches and comparisons", async () => {
    const { rest } = await world.installation();
    const sha = await clone.git("rev-parse", "blue");
    const { data: tree } = await rest.git.getTree({ ...repository, tree_sha: "blue", recursive: "true" });
    expect(tree.tree.map(({ path }) => path)).toEqual(["README.md", "page.html"]);
    const { data: commit } = await rest.repos.getCommit({ ...repository, ref: "blue" });
    expect(commit).toMatchObject({ sha, stats: { additions: 2, deletions: 1, total: 3 } });
    const { data: branch } = await rest.repos.getBranch({ ...repository, branch: "blue" });
    expect(branch.commit.sha).toBe(sha);
    const { data: ref } = await rest.git.getRef({ ...repository, ref: "heads/blue" });
    expect(ref.object).toMatchObject({ sha, type: "commit" });
    const { data: comparison } = await rest.repos.compareCommitsWithBasehead({
      ...repository,
      basehead: "main...blue",
    });
    expect(comparison).toMatchObject({ status: "ahead", ahead_by: 1, behind_by: 0, total_commits: 1 });
    expect(comparison.files?.map(({ filename, status }) => `${status} ${filename}`)).toEqual([
      "modified README.md",
      "added page.html",
    ]);
  });

  test("a file can be written by the API, as a commit on a branch", async () => {
    const { rest } = world.as("author");
    const content = Buffer.from("green\n").toString("base64");
    const write = { ...repository, path: "page.html", message: "Green", content, branch: "blue" };
    await expect(rest.repos.createOrUpdateFileContents(write)).rejects.toMatchObject({ status: 422 });
    const { data: known } = await rest.repos.getContent({ ...repository, path: "page.html", ref: "blue" });
    if (Array.isArray(known)) throw new Error("not a file");
    await rest.repos.createOrUpdateFileContents({ ...write, sha: known.sha });
    await clone.git("fetch", "--quiet", "origin");
    expect(await clone.git("show", "origin/blue:page.html")).toBe("green");
  });
});
