import { z } from "zod";
import { openPullRequest, type PullRequestRef, urlIn, waitForComment } from "../../../infra/local/demo/conversation.ts";
import { kubectlJson } from "../../../infra/local/demo/leftovers.ts";
import { type Clone, type Person } from "../../../infra/local/demo/person.ts";
import { askPreview } from "../../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../../infra/local/demo/wait-for.ts";
import { greenroomNamespace } from "../../../infra/local/lab/install.ts";
import type { LabStatus } from "../../../infra/local/lab/status.ts";
import { runCommand } from "../../../infra/local/supply/command.ts";
import { namespaceOf, recordNames } from "../../../src/preview/names.ts";
import { previewStatus } from "../../../src/preview/preview.ts";
import { readyAt } from "../../../infra/local/demo/conversation.ts";

/** From the push to the attempt's beginning, its stages (some of which run at the same time), and what came after. */
const parts = z.object({
  begin: z.number(),
  stages: z.array(z.object({ name: z.string(), seconds: z.number() })),
  tell: z.number(),
});

/** One push as Greenroom dealt with it: how long until all was said and true, and where the time went, in seconds. */
export const deployed = z.object({ seconds: z.number(), parts });
type Deployed = z.infer<typeof deployed>;

export type Greenroom = {
  /** Text that is in the names of all images it builds of this repository, and in no other's. */
  imagesHold: string;
  /** Opens a pull request of a branch that was pushed just now, and waits until it is ready. */
  open(branch: string, commit: string): Promise<{ pr: PullRequestRef; deployed: Deployed }>;
  /** Waits until a commit that was pushed just now is ready. */
  ready(pr: PullRequestRef, commit: string): Promise<Deployed>;
  /** Closes the pull request. Seconds from the call to the end of its pods and of the namespace, and to the comment. */
  close(pr: PullRequestRef): Promise<{ stopped: number; gone: number; said: number }>;
};

/** How often what sends no event is asked, in milliseconds; only for the last moment, after an event said it is due. */
const often = 20;
/** Seconds. */
const patience = 180;

/** Greenroom as somebody sees it who pushes to a repository and reads its pull requests. */
export async function seeGreenroom(lab: LabStatus, who: Person, clone: Clone, signal: AbortSignal): Promise<Greenroom> {
  const repository = await who.octokit.repos.get({ owner: clone.owner, repo: clone.repository });
  const { id } = repository.data;
  const nameOf = (pr: PullRequestRef): string => recordNames(clone.repository, id, pr.number)[0];
  const inGreenroom = ["--namespace", greenroomNamespace];
  const recordOf = (pr: PullRequestRef): string[] => [`preview/${nameOf(pr)}`, ...inGreenroom];
  /** Ends with an event of the cluster's, so that waiting costs the machine next to nothing. */
  const clusterSays = async (...what: string[]): Promise<void> => {
    const args = ["--kubeconfig", lab.kubeconfig, "wait", `--timeout=${patience}s`, ...what];
    await runCommand(lab.tools.kubectl, args, { signal, timeoutSeconds: patience + 10 });
  };

  const read = async (pr: PullRequestRef) => {
    const record = z.object({ status: previewStatus });
    return (await kubectlJson(lab, ["get", "preview", nameOf(pr), ...inGreenroom], record)).status;
  };

  const ready = async (pr: PullRequestRef, commit: string): Promise<Deployed> => {
    const began = { wall: Date.now(), precise: performance.now() };
    // The record is a moment earlier than the comment; asking GitHub only from then on leaves the machine to the work.
    await clusterSays(...recordOf(pr), `--for=jsonpath={.status.deployedCommit}=${commit}`);
    const comment = await waitForComment(who, pr, "ready", readyAt(commit), 30, often);
    const url = urlIn(comment);
    await waitFor(`${url} with the commit`, 30, () => answersWith(url, commit), often);
    const seconds = (performance.now() - began.precise) / 1_000;
    const { startedAt = "", readyAt: at = "", stages = [] } = await read(pr);
    const begin = (Date.parse(startedAt) - began.wall) / 1_000;
    const tell = seconds - (Date.parse(at) - began.wall) / 1_000;
    return { seconds, parts: { begin, stages, tell } };
  };

  return {
    imagesHold: `/${id}/`,
    async open(branch, commit) {
      const started = performance.now();
      const pr = await openPullRequest(who, clone.owner, clone.repository, branch, `Edition of ${branch}`);
      await clusterSays(...recordOf(pr), "--for=create");
      const opening = (performance.now() - started) / 1_000;
      const reached = await ready(pr, commit);
      const begin = opening + reached.parts.begin;
      return { pr, deployed: { seconds: opening + reached.seconds, parts: { ...reached.parts, begin } } };
    },
    ready,
    async close(pr) {
      const started = performance.now();
      const namespace = namespaceOf(nameOf(pr));
      const stopping = podsEnd(lab, namespace, signal);
      const deleted = clusterSays(`namespace/${namespace}`, "--for=delete");
      const closing = { owner: pr.owner, repo: pr.repo, pull_number: pr.number, state: "closed" } as const;
      await Promise.all([deleted, who.octokit.pulls.update(closing)]);
      const gone = (performance.now() - started) / 1_000;
      await waitForComment(who, pr, "removed", (body) => /\*\*Preview\*\* · removed/.test(body), 60, often);
      const said = (performance.now() - started) / 1_000;
      return { stopped: ((await stopping) - started) / 1_000, gone, said };
    },
  };
}

/** The moment, on the clock of `performance`, at which no pod of those in a namespace is left. */
export async function podsEnd(lab: LabStatus, namespace: string, signal: AbortSignal): Promise<number> {
  const args = ["--kubeconfig", lab.kubeconfig, "wait", `--timeout=${patience}s`, "--namespace", namespace];
  await runCommand(lab.tools.kubectl, [...args, "pods", "--all", "--for=delete"], {
    signal,
    timeoutSeconds: patience + 10,
  });
  return performance.now();
}

/** The shop's page shows the first characters of the commit that its pods were released with. */
async function answersWith(url: string, commit: string): Promise<true | undefined> {
  const { status, body } = await askPreview(url);
  return status === 200 && body.includes(`<code id="commit">${commit.slice(0, 7)}</code>`) ? true : undefined;
}
