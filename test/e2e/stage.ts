import { randomBytes } from "node:crypto";
import { headline, openPullRequest, type PullRequestRef, waitForComment } from "../../infra/local/demo/conversation.ts";
import { askPreview } from "../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { type Clone, createRepository, type Person, person } from "../../infra/local/demo/person.ts";
import { type LabStatus, readLabStatus } from "../../infra/local/lab/status.ts";
import { materialise, type SampleName } from "../repos/load.ts";

/** The running lab; end-to-end tests have nothing to say without one. */
export async function runningLab(): Promise<LabStatus> {
  const lab = await readLabStatus();
  if (lab === undefined) throw new Error("no lab is running; start one with `npm run lab -- up --detach`");
  return lab;
}

/** A repository of this test alone, with people who work on it. */
export type Stage = {
  lab: LabStatus;
  owner: Person;
  clone: Clone;
  /** Puts a sample on a branch, on top of what is there, and opens a pull request of it. */
  propose(branch: string, title: string, change: (directory: string) => Promise<void>): Promise<PullRequestRef>;
  close(pr: PullRequestRef): Promise<void>;
};

/** Creates a repository with a sample's files on main. Names are random, so tests never meet. */
export async function stage(lab: LabStatus, sample: SampleName): Promise<Stage> {
  const owner = person(lab.github, "maintainer");
  const prefix = typeof sample === "string" ? sample : sample.broken;
  const name = `${prefix}-${randomBytes(3).toString("hex")}`;
  const clone = await createRepository(lab.github, owner, name, (directory) => materialise(sample, directory));
  // There is one work tree, and tests may run at the same time.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    lab,
    owner,
    clone,
    async propose(branch, title, change) {
      const pushed = turn.then(() => clone.push(branch, title, change));
      turn = pushed.catch(() => undefined);
      await pushed;
      return await openPullRequest(owner, clone.owner, clone.repository, branch, title);
    },
    async close(pr) {
      await owner.octokit.pulls.update({ owner: pr.owner, repo: pr.repo, pull_number: pr.number, state: "closed" });
      await waitForComment(owner, pr, "removed", (body) => headline(body).startsWith("removed"), 90);
    },
  };
}

/** The preview's page once it has this content: the gateway hears of a change a moment after the comment is written. */
export async function visit(url: string, content: string, path = "/"): Promise<string> {
  return await waitFor(`“${content}” at ${url}${path}`, 3, async () => {
    const answer = await askPreview(url, path);
    if (answer.status !== 200 || !answer.body.includes(content)) throw new Error(`${answer.status} ${answer.body}`);
    return answer.body;
  });
}

export function failed(comment: string): boolean {
  return headline(comment).startsWith("failed");
}
