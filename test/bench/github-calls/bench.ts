import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import type { Bench } from "../bench.ts";
import { type Goal, type Row, row } from "../report.ts";
import { maintainerOf } from "../resync/stand-in.ts";
import { callsWorld, type Took } from "./world.ts";

/** What the deploy benchmark's parts take on the lab. */
const first: Took = { build: 34_000, release: 9_500 };
const oneOfThree: Took = { build: 5_700, release: 5_500 };
const long: Took = { build: 120_000, release: 9_500 };
/** How many calls Lifecycle makes. */
const lifecycle = { open: 65, push: 50 };
/** For what our own writes bring back by webhook. */
const afterwardsMs = 2_000;

const atMost = (most: number): Goal => ({ words: `≤ ${most}`, isMet: ({ ours }) => ours <= most });
const totals = z.array(
  z.object({ by: z.string(), method: z.string(), route: z.string(), resource: z.string(), counted: z.int() }),
);
type Call = { route: string; calls: number };

/** How many calls to GitHub a deploy takes, by route. */
export const gitHubCallsBench: Bench = {
  name: "github-calls",
  about: "calls to GitHub's API from opening a pull request to ready, and from a push to ready, by route",
  notes: [
    "Counted by GitHub's stand-in: everything of the app and its installations that counts against a limit, beside tokens. The",
    "way is the real one: webhook, intake, BullMQ, a worker. Builds and releases are played and take what they take in the",
    "deploy benchmark, since the comment is edited while they go on. “theirs” is about what Lifecycle calls. Needs no lab.",
  ],
  async measure({ signal, say }) {
    const world = await callsWorld();
    const { standIn } = world;
    try {
      const github = maintainerOf(standIn);
      const [repository] = await standIn.plenty(1, 1, "calls");
      if (repository === undefined) throw new Error("the stand-in made no repository");
      const place = placeOf(repository.full_name);
      // The one that is there already is deployed first, so that nothing of it is counted.
      await world.sweep();
      const { data: other } = await github.rest.pulls.get({ ...place, pull_number: 1 });
      await world.told(other.head.sha, signal);

      const counted = async (took: Took, change: () => Promise<string>): Promise<Call[]> => {
        await forget(standIn.url);
        world.setTimes(took);
        await world.told(await change(), signal);
        await wait(afterwardsMs, undefined, { signal });
        return await callsOf(standIn.url);
      };
      const branch = "calls";
      say("opening a pull request");
      const opened = await counted(first, () => open(github, place, branch));
      say(`${sum(opened)} calls; pushing to it`);
      const pushed = await counted(oneOfThree, () => push(github, place, branch));
      say(`${sum(pushed)} calls; sweeping`);
      await forget(standIn.url);
      await world.sweep();
      const swept = await callsOf(standIn.url);
      say(`${sum(swept)} calls; pushing what takes two minutes to build`);
      const slow = await counted(long, () => push(github, place, branch));

      return [
        row("open to ready", "calls", { ours: sum(opened), theirs: lifecycle.open, goal: atMost(9) }),
        ...byRoute("open to ready", opened),
        row("push to ready", "calls", { ours: sum(pushed), theirs: lifecycle.push, goal: atMost(7) }),
        ...byRoute("push to ready", pushed),
        row("push to ready, a build of two minutes", "calls", { ours: sum(slow), theirs: lifecycle.push }),
        ...byRoute("push to ready, a build of two minutes", slow),
        row("the first sweep after it", "calls", { ours: sum(swept) }),
        ...byRoute("the first sweep after it", swept),
      ];
    } finally {
      await world.stop();
    }
  },
};

function byRoute(name: string, calls: readonly Call[]): Row[] {
  return calls.map(({ route, calls: ours }) => row(`${name}: ${route}`, "calls", { ours }));
}

function sum(calls: readonly Call[]): number {
  return calls.reduce((total, each) => total + each.calls, 0);
}

async function callsOf(url: string): Promise<Call[]> {
  const response = await fetch(`${url}/-/calls/totals`);
  const all = totals.parse(await response.json());
  return all
    .filter(({ by, resource, route, counted }) => {
      const isOurs = /^(app$|installation:)/.test(by) && resource !== "none" && counted > 0;
      return isOurs && !route.endsWith("/access_tokens");
    })
    .map(({ method, route, counted }) => ({
      route: route === "graphql" ? "GraphQL" : `${method} ${route}`,
      calls: counted,
    }))
    .toSorted((one, other) => one.route.localeCompare(other.route));
}

async function forget(url: string): Promise<void> {
  await fetch(`${url}/-/calls`, { method: "DELETE" });
}

type Place = { owner: string; repo: string };

function placeOf(fullName: string): Place {
  const [owner = "", repo = ""] = fullName.split("/");
  return { owner, repo };
}

async function open(github: Octokit, place: Place, branch: string): Promise<string> {
  const { data: main } = await github.rest.git.getRef({ ...place, ref: "heads/main" });
  await github.rest.git.createRef({ ...place, ref: `refs/heads/${branch}`, sha: main.object.sha });
  const commit = await push(github, place, branch);
  await github.rest.pulls.create({ ...place, head: branch, base: "main", title: "Another edition" });
  return commit;
}

async function push(github: Octokit, place: Place, branch: string): Promise<string> {
  const { data } = await github.rest.repos.createOrUpdateFileContents({
    ...place,
    branch,
    path: `edition-${randomUUID()}`,
    message: "Another edition",
    content: "",
  });
  if (data.commit.sha === undefined) throw new Error("GitHub did not say which commit it made");
  return data.commit.sha;
}
