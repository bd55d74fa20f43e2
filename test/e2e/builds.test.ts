import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PullRequestRef, readyAt, waitForComment } from "../../infra/local/demo/conversation.ts";
import { changeEverything, changeReadme, changeService, services } from "../bench/deploy/changes.ts";
import { mostAtOnce, solvesOf } from "../bench/deploy/solves.ts";
import { runningLab, type Stage, stage } from "./stage.ts";

/** Names of the services in the images' names, as `registry/prefix/repository/shop-web:tag`. */
function builtServices(solves: readonly { images: readonly string[] }[]): string[] {
  return solves.flatMap(({ images }) => images.map((name) => /\/shop-([a-z]+):/.exec(name)?.[1] ?? name)).sort();
}

describe("what is built, by BuildKit's own history", () => {
  let shop: Stage;
  let pr: PullRequestRef;
  let repositoryId: number;

  beforeAll(async () => {
    shop = await stage(await runningLab(), "shop");
    const { data } = await shop.owner.octokit.repos.get({ owner: shop.clone.owner, repo: shop.clone.repository });
    repositoryId = data.id;
  });
  afterAll(async () => {
    await shop.close(pr);
    await shop.clone.dispose();
  });

  const solvesSince = (since: number) => solvesOf(shop.lab, `/${repositoryId}/`, since, new AbortController().signal);

  /** Pushes a change to the open pull request and returns the solves it led to. */
  async function push(message: string, change: (directory: string) => Promise<void>) {
    const since = Date.now();
    const commit = await shop.clone.push("builds", message, change);
    await waitForComment(shop.owner, pr, "ready at the push", readyAt(commit), 150);
    return await solvesSince(since);
  }

  test("the images of a first deploy are built at the same time", async () => {
    const since = Date.now();
    pr = await shop.propose("builds", "Everything anew", changeEverything);
    await waitForComment(shop.owner, pr, "ready", readyAt(pr.head), 150);
    const solves = await solvesSince(since);
    expect(builtServices(solves)).toEqual([...services].sort());
    expect(mostAtOnce(solves)).toBe(services.length);
  });

  test("a push that changes one service builds that image alone", async () => {
    const solves = await push("One service", (directory) => changeService(directory, "api"));
    expect(builtServices(solves)).toEqual(["api"]);
  });

  test("a push that changes no service builds nothing", async () => {
    expect(await push("A line of text", changeReadme)).toEqual([]);
  });
});
