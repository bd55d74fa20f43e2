import { randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { createKubernetesApi, loadKubeConfig } from "../../../src/adapters/kubernetes/api.ts";
import { createRecordCache } from "../../../src/adapters/kubernetes/record-cache.ts";
import { headline, type PullRequestRef, readyAt, waitForComment } from "../../../infra/local/demo/conversation.ts";
import { leftoverLines, leftovers, solvesSince } from "../../../infra/local/demo/leftovers.ts";
import { waitFor } from "../../../infra/local/demo/wait-for.ts";
import { greenroomNamespace } from "../../../infra/local/lab/install.ts";
import { keyOf, keyString } from "../../../src/preview/key.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { runningLab, stage, visit } from "../stage.ts";
import { Gate } from "./gate.ts";
import { gitHubOf } from "./github.ts";
import { version, type Slow } from "./sample.ts";
import { commandOf, endService, restartService } from "./services.ts";
import { WorkerProcess } from "./worker.ts";

/** A pull request that is played with, and the branch it is of. */
export type Actor = { branch: string; pr: PullRequestRef; key: string };

/** When a push was made, by both clocks, its commit and what its page says. */
export type Push = { commit: string; page: string; at: number; since: Date };

export type Ground = Awaited<ReturnType<typeof openGround>>;

const run = promisify(execFile);
const worker = "greenroom-work";

function gitIn(cwd: string, env: NodeJS.ProcessEnv) {
  return async (...args: string[]) => (await run("git", args, { cwd, env })).stdout.trim();
}

/** The lab with workers of the tests' own in the place of the lab's, and a repository to play in. */
export async function openGround() {
  const lab = await runningLab();
  const { args, env } = await commandOf(worker);
  // More is going on at once here than one repository may have.
  const command = { args, env: { ...env, GREENROOM_BUILDS_PER_REPOSITORY: "10" } };
  const hello = await stage(lab, "hello");
  await hello.clone.push("main", "A hook", version("main"));
  const gate = await Gate.listen();
  const lifetime = new AbortController();
  const api = createKubernetesApi(loadKubeConfig(lab.kubeconfig));
  const cache = createRecordCache(api, greenroomNamespace, lifetime.signal);
  await endService(worker, "SIGTERM");
  const workers: WorkerProcess[] = [];
  // BuildKit remembers steps from one run to the next, and would do none of them again.
  const edition = randomBytes(3).toString("hex");
  let pushes = 0;
  const actors = new Set<PullRequestRef>();

  const { owner, clone } = hello;
  const repositoryId = clone.repositoryId;

  const start = async (): Promise<WorkerProcess> => {
    const started = await WorkerProcess.start(command);
    workers.push(started);
    return started;
  };

  /** The record once it is as wanted. Changes come by a watch. */
  async function record(
    { key }: Pick<Actor, "key">,
    what: string,
    seconds: number,
    matches: (preview: Preview) => boolean,
  ): Promise<Preview> {
    const deadline = AbortSignal.timeout(seconds * 1_000);
    const news = new EventTarget();
    const tell = () => news.dispatchEvent(new Event("change"));
    const unsubscribe = cache.subscribe(tell);
    deadline.addEventListener("abort", tell);
    try {
      for (;;) {
        const change = once(news, "change");
        const found = (await cache.list()).find(({ spec }) => keyString(keyOf({ spec })) === key);
        if (found !== undefined && matches(found)) return found;
        if (deadline.aborted) throw new Error(`${what} did not happen within ${seconds} s: ${JSON.stringify(found)}`);
        await change;
      }
    } finally {
      unsubscribe();
    }
  }

  const push = async (
    { branch }: Actor,
    slow: Slow = {},
    page = `${branch} ${edition} ${(pushes += 1)}`,
  ): Promise<Push> => {
    const at = performance.now();
    const since = new Date();
    return { commit: await clone.push(branch, page, version(page, slow)), page, at, since };
  };

  return {
    push,
    lab,
    hello,
    gate,
    api,
    github: gitHubOf(lab),
    repository: `${clone.owner}/${clone.repository}`,
    record,

    /** Starts a worker; whichever still runs at the end is ended. */
    start,

    /** As many workers as asked for; more that were left are ended. */
    async crew(size: number): Promise<WorkerProcess[]> {
      while (workers.length > size) await workers.shift()?.end("SIGKILL");
      while (workers.length < size) await start();
      return [...workers];
    },

    /** Ends a worker, and forgets it. */
    async dismiss(which: WorkerProcess, by: "SIGTERM" | "SIGKILL") {
      workers.splice(workers.indexOf(which), 1);
      return await which.end(by);
    },

    async open(branch: string, slow: Slow = {}): Promise<Actor & Push> {
      const at = performance.now();
      const since = new Date();
      const page = `${branch} ${edition}`;
      const pr = await hello.propose(branch, `About ${branch}`, version(page, slow));
      actors.add(pr);
      return { branch, pr, key: `${repositoryId}/${pr.number}`, commit: pr.head, page, at, since };
    },

    /** So many pushes of other content each, as fast as git can. */
    async storm({ branch }: Actor, times: number): Promise<Push[]> {
      const git = gitIn(clone.directory, owner.gitEnvironment);
      await git("checkout", "--quiet", branch);
      const commits: Pick<Push, "commit" | "page">[] = [];
      while (commits.length < times) {
        const page = `${branch} ${edition} ${(pushes += 1)}`;
        await version(page)(clone.directory);
        await git("commit", "--quiet", "--all", "-m", page);
        commits.push({ commit: await git("rev-parse", "HEAD"), page });
      }
      const made: Push[] = [];
      for (const each of commits) {
        made.push({ ...each, at: performance.now(), since: new Date() });
        await git("push", "--quiet", "origin", `${each.commit}:refs/heads/${branch}`);
      }
      return made;
    },

    /** Resolves when record and comment say that this commit is ready, with the seconds since a moment. */
    async ready(actor: Actor, { commit, at }: { commit: string; at: number }, seconds = 90): Promise<number> {
      await record(
        actor,
        `ready at ${commit}`,
        seconds,
        ({ status }) => status.phase === "Ready" && status.deployedCommit === commit,
      );
      const took = (performance.now() - at) / 1_000;
      await waitForComment(owner, actor.pr, "ready", readyAt(commit), 20);
      return took;
    },

    /** Resolves when visitors of the preview see what was pushed. */
    async shown(actor: Actor, { page }: Push): Promise<void> {
      const { status } = await record(actor, "readiness", 10, ({ status: { phase } }) => phase === "Ready");
      await visit(status.urls?.[0]?.url ?? "", page);
    },

    /** The head of a pull request, as GitHub has it. */
    async head({ pr }: Actor): Promise<{ commit: string }> {
      const { data } = await owner.octokit.pulls.get({ owner: pr.owner, repo: pr.repo, pull_number: pr.number });
      return { commit: data.head.sha };
    },

    async setState({ pr }: Actor, state: "open" | "closed"): Promise<number> {
      const at = performance.now();
      await owner.octokit.pulls.update({ owner: pr.owner, repo: pr.repo, pull_number: pr.number, state });
      return at;
    },

    /** Resolves when nothing is left of the preview and the comment says so, with the seconds since a moment. */
    async gone(actor: Actor, name: string, at: number, seconds = 90): Promise<number> {
      await waitForComment(owner, actor.pr, "removed", (body) => headline(body).startsWith("removed"), seconds);
      const took = (performance.now() - at) / 1_000;
      await waitFor(`the end of ${name}`, 15, async () => {
        const { solves: _, ...left } = await leftovers(lab, owner, actor.pr, name);
        if (leftoverLines({ ...left, solves: [] }).length > 0)
          throw new Error(leftoverLines({ ...left, solves: [] }).join("; "));
        return true;
      });
      return took;
    },

    /** How many deployments GitHub has of a commit. */
    async deployments(commit: string): Promise<number> {
      const where = { owner: clone.owner, repo: clone.repository, sha: commit };
      return (await owner.octokit.repos.listDeployments(where)).data.length;
    },

    /** BuildKit's solves of this repository that began after a moment. */
    solves: (since: Date) => solvesSince(lab, repositoryId, since),

    /** Resolves when BuildKit works on an image of this repository. */
    async building(since: Date): Promise<string> {
      return await waitFor(
        "a running build",
        30,
        async () => (await solvesSince(lab, repositoryId, since)).find(({ ended }) => ended === null)?.ref,
      );
    },

    /** Leaves the lab as it was. What is still open goes as soon as the lab's own worker is there. */
    async close(): Promise<void> {
      for (const { owner: login, repo, number: pull_number } of actors) {
        await owner.octokit.pulls.update({ owner: login, repo, pull_number, state: "closed" });
      }
      lifetime.abort();
      for (const each of workers.splice(0)) await each.end("SIGKILL");
      await Promise.all([gate.close(), api.close(), clone.dispose(), restartService(worker)]);
    },
  };
}
