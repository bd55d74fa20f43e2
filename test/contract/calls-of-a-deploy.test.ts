import { afterAll, beforeAll, expect, test } from "vitest";
import { reconcile } from "../../src/pipeline/reconcile.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import { smallWorld } from "../core/pipeline/small-world.ts";
import { type PlayedStandIn, playStandIn } from "./pull-requests-world.ts";

let played: PlayedStandIn;
let small: ReturnType<typeof smallWorld>;
beforeAll(async () => {
  played = await playStandIn();
  small = smallWorld();
});
afterAll(async () => {
  small.checkouts.close();
  await played.dispose();
});

/** Calls to GitHub for one look of the whole pipeline, without those for a token. */
async function callsOf(key: PreviewKey): Promise<string[]> {
  played.calls.length = 0;
  const world = { ...small.world, pullRequests: played.pullRequests };
  await reconcile(world, key, new AbortController().signal, () => undefined);
  return played.calls
    .filter(({ path }) => !path.endsWith("/access_tokens"))
    .map(({ method, path }) => `${method} ${path.replace(/^\/api\/(v3|graphql)/, "").replaceAll(/\d+/g, "N")}`);
}

test("the pipeline itself takes at most 9 calls from opening to ready, and 7 for a push", async () => {
  const key = await played.github.open();
  // A repository that does not say which pull requests get a preview is asked for one.
  const repository = { ...key.repository, fullName: "maintainer/shop" };
  const asked = { repository, pullRequest: key.number, installation: key.installation, requested: true as const };
  await small.records.ensure(key, ["1-shop"], { ...asked, want: "running" }, new AbortController().signal);
  const opened = await callsOf(key);
  expect((await small.record(key)).status.phase).toBe("Ready");
  expect(opened).toSatisfy((calls: string[]) => calls.length <= 9);
  await played.github.push(key);
  const pushed = await callsOf(key);
  expect((await small.record(key)).status.phase).toBe("Ready");
  expect(pushed).toSatisfy((calls: string[]) => calls.length <= 7);
  const states = await played.github.deployments(key, `preview/pr-${key.number}`);
  expect(states.map(({ state }) => state).toSorted()).toEqual(["inactive", "success"]);
});
