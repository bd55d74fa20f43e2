import { randomUUID } from "node:crypto";
import type { Octokit } from "@octokit/rest";
import { inParallel } from "../../../src/in-parallel.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import type { Bench } from "../bench.ts";
import { median } from "../median.ts";
import { ratioAtMost, row } from "../report.ts";
import { maintainerOf } from "../resync/stand-in.ts";
import { type FairnessWorld, fairnessWorld, took } from "./world.ts";

const pullRequests = 50;
const atOnce = 8;
const goal = ratioAtMost(1.25);

type Repository = { id: number; full_name: string };
/** Seconds from a push until its commit is ready, and until the comment says so. */
type Taken = { ready: number; told: number };

/** What one repository's trouble costs the others. */
export const fairnessBench: Bench = {
  name: "fairness",
  about: `a push to one pull request, alone and beside ${pullRequests} of another repository whose builds hang`,
  notes: [
    "“theirs” is the same pull request alone, in the same round. The way is the real one: webhook, intake, BullMQ, a worker with",
    `the default settings, GitHub's stand-in in a process of its own. Cluster, BuildKit and Helm are the contract-tested fakes,`,
    `slowed down to what they take on the lab (checkout ${took.checkout}, build ${took.build}, release and start ${took.release} ms).`,
    "Both repositories belong to one installation; GitHub's limits on what it writes are not played. Needs no lab.",
  ],
  async measure({ runs, signal, say }) {
    const world = await fairnessWorld();
    try {
      const github = maintainerOf(world.standIn);
      const [good] = await world.standIn.plenty(1, 1, "good");
      const [stuck] = await world.standIn.plenty(1, pullRequests, "stuck");
      if (good === undefined || stuck === undefined) throw new Error("the stand-in made no repositories");
      const all = Array.from({ length: pullRequests }, (_, n) => n + 1);
      // Nobody listens yet.
      await everyone(all, (number) => setState(github, stuck, number, "closed"));
      await world.work(new Set([stuck.id]));
      say(`the first deploy takes ${(await measurePush(world, github, good)).ready.toFixed(2)} s`);

      const alone: Taken[] = [];
      const beside: Taken[] = [];
      const amid: Taken[] = [];
      for (let round = 1; round <= runs; round += 1) {
        signal.throwIfAborted();
        alone.push(await measurePush(world, github, good));
        const opening = everyone(all, (number) => setState(github, stuck, number, "open"));
        amid.push(await measurePush(world, github, good));
        await opening;
        await untilStuck(world, stuck);
        beside.push(await measurePush(world, github, good));
        await everyone(all, (number) => setState(github, stuck, number, "closed"));
        await world.until("that all of them are gone", 240, (records) =>
          of(stuck, records).length === 0 ? true : undefined,
        );
        const told = [alone, beside, amid].map((each) => each.at(-1)?.ready.toFixed(2));
        say(
          `round ${round}: alone ${told[0]} s, beside those that hang ${told[1]} s, while they are opened ${told[2]} s`,
        );
      }
      const compared = (name: string, ours: Taken[], what: keyof Taken, isGoal: boolean) =>
        row(name, "s", {
          ours: median(ours.map((each) => each[what])),
          theirs: median(alone.map((each) => each[what])),
          ...(isGoal && { goal }),
        });
      return [
        compared(`push to ready, beside ${pullRequests} whose builds hang`, beside, "ready", true),
        compared("push until the comment says so", beside, "told", false),
        compared(`push to ready, while all ${pullRequests} are opened`, amid, "ready", true),
        compared("push until the comment says so", amid, "told", false),
      ];
    } finally {
      await world.stop();
    }
  },
};

async function everyone(numbers: readonly number[], work: (number: number) => Promise<unknown>): Promise<void> {
  for await (const _ of inParallel([...numbers], atOnce, work));
}

/** Pushes a commit to a pull request's branch and resolves with it. */
async function push(github: Octokit, { full_name }: Repository, number: number): Promise<string> {
  const [owner = "", repo = ""] = full_name.split("/");
  const { data } = await github.rest.repos.createOrUpdateFileContents({
    owner,
    repo,
    branch: `change-${number}`,
    path: `edition-${randomUUID()}`,
    message: "Another edition",
    content: "",
  });
  if (data.commit.sha === undefined) throw new Error("GitHub did not say which commit it made");
  return data.commit.sha;
}

async function setState(github: Octokit, { full_name }: Repository, pull_number: number, state: "open" | "closed") {
  const [owner = "", repo = ""] = full_name.split("/");
  await github.rest.pulls.update({ owner, repo, pull_number, state });
}

async function measurePush(world: FairnessWorld, github: Octokit, repository: Repository): Promise<Taken> {
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1_000;
  const commit = await push(github, repository, 1);
  const telling = world.told(commit, 120).then(seconds);
  const reaching = world
    .until(`${commit} being ready`, 120, (records) => {
      const [found] = of(repository, records);
      return found?.status.phase === "Ready" && found.status.deployedCommit === commit ? true : undefined;
    })
    .then(seconds);
  const [ready, told] = await Promise.all([reaching, telling]);
  return { ready, told };
}

/** Resolves when all are there, as many build as may, and the others wait for that. */
async function untilStuck(world: FairnessWorld, repository: Repository): Promise<void> {
  await world.until("that some build and the others wait", 120, (records) => {
    const phases = Map.groupBy(of(repository, records), ({ status }) => status.phase);
    const [building = [], waiting = []] = [phases.get("Building"), phases.get("Waiting")];
    return building.length > 0 && building.length + waiting.length === pullRequests ? true : undefined;
  });
}

function of({ id }: Repository, records: readonly Preview[]): Preview[] {
  return records.filter(({ spec }) => spec.repository.id === id);
}
