import { afterAll, beforeAll, expect, test } from "vitest";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import { type PlayedStandIn, playStandIn } from "../contract/pull-requests-world.ts";

const never = new AbortController().signal;
const marker = "<!-- greenroom:preview 1/1 -->\n";

let played: PlayedStandIn;
beforeAll(async () => {
  played = await playStandIn();
});
afterAll(() => played.dispose());

const countedCalls = () =>
  played.calls.filter(({ path }) => !path.endsWith("/access_tokens")).map(({ method, path }) => `${method} ${path}`);

/** What the pipeline tells GitHub about one deploy, told the way it does: early comment and check, then the end. */
async function deploy(pr: PullRequest, ids: { comment?: number; check?: number; deployment?: number }) {
  const { pullRequests } = played;
  const commit = pr.head.sha;
  const check = { commit, summary: "", annotations: [], actions: [], externalId: "1/1" };
  const comment = await pullRequests.comment(pr, ids.comment, `${marker}building`, never);
  const run = await pullRequests.check(pr, ids.check, { ...check, status: "in_progress", title: "Building" }, never);
  const [, , deployment] = await Promise.all([
    pullRequests.comment(pr, comment, `${marker}ready`, never),
    pullRequests.check(pr, run, { ...check, status: "completed", conclusion: "success", title: "Ready" }, never),
    pullRequests.deployment(
      pr,
      ids.deployment,
      { commit, environment: "preview/pr-1", state: "success", description: "Ready", url: "http://1-shop.example.dev" },
      never,
    ),
  ]);
  if (run === undefined || deployment === undefined) throw new Error("a permission is missing");
  return { comment, check: run, deployment };
}

test("opening to ready takes at most 9 calls, a push 7", async () => {
  const { github, pullRequests, calls } = played;
  const read = async (comment?: number) => {
    const pr = await pullRequests.read(key, comment, never);
    if (pr === "gone") throw new Error("gone");
    return pr;
  };
  const key = await github.open();
  calls.length = 0;
  const ids = await deploy(await read(), {});
  expect(countedCalls()).toSatisfy((counted: string[]) => counted.length <= 9);
  expect(calls.filter(({ path }) => path.endsWith("/access_tokens"))).toHaveLength(1);

  await github.push(key);
  calls.length = 0;
  await deploy(await read(ids.comment), ids);
  expect(countedCalls()).toSatisfy((counted: string[]) => counted.length <= 7);
});
