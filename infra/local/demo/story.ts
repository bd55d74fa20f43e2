import { RequestError } from "@octokit/request-error";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { materialise } from "../../../test/repos/load.ts";
import type { LabStatus } from "../lab/status.ts";
import { headline, openPullRequest, type PullRequestRef, readyAt, urlIn, waitForComment } from "./conversation.ts";
import { leftoverLines, leftovers, solvesSince } from "./leftovers.ts";
import { type Clone, createRepository, type Person, person } from "./person.ts";
import { askPreview } from "./preview-page.ts";
import type { Steps } from "./steps.ts";
import { waitFor } from "./wait-for.ts";

/** What is open at the end of the story, for those who want to look around. */
export type Open = { pr: PullRequestRef; url: string };

/** The main job, told on real parts: two pull requests, a push, a close. Throws at the first thing that is not so. */
export async function tellStory(lab: LabStatus, steps: Steps): Promise<Open> {
  const owner = person(lab.github, "maintainer");
  const author = owner;
  const name = await freeName(owner, "shop");

  const clone = await steps.run("A repository with three services, a database and a chart is pushed", async () => {
    const value = await createRepository(lab.github, owner, name, (directory) => materialise("shop", directory));
    return { value, detail: `${lab.github.url}/${owner.login}/${name}` };
  });

  const first = await steps.run("A pull request is opened, and Greenroom answers it", async () => {
    const pr = await propose(clone, author, "green-shop", "Green shop", (directory) =>
      retitle(directory, "Green shop", "#1a7f37"),
    );
    await waitForComment(author, pr, "a first comment", (body) => body !== "", 30);
    return { value: pr, detail: pr.url };
  });
  const firstUrl = await steps.run("Three images are built, the chart is released, the URL answers", () =>
    ready(lab, author, first, "Green shop"),
  );

  const second = await steps.run("A second pull request is previewed beside it, with other content", async () => {
    const pr = await propose(clone, author, "say-hello", "Say hello to the others", sayHello);
    const { value: url } = await ready(lab, author, pr, hello);
    await serves(firstUrl, "Green shop");
    return { value: { pr, url }, detail: url };
  });

  await steps.run("A push to the first changes one service: only its image is built", async () => {
    const since = new Date();
    const commit = await clone.push("green-shop", "A greener shop", (directory) =>
      retitle(directory, "Evergreen shop", "#116329"),
    );
    await waitForComment(author, first, "ready at the new commit", readyAt(commit));
    await serves(firstUrl, "Evergreen shop");
    const built = await solvesSince(lab, clone.repositoryId, since);
    if (built.length !== 1) throw new Error(`BuildKit's history shows ${built.length} solves for one changed service`);
    return { value: undefined, detail: "one solve in BuildKit's history" };
  });

  await steps.run("The first pull request is merged: everything of it is taken away", async () => {
    await owner.octokit.pulls.merge({ owner: first.owner, repo: first.repo, pull_number: first.number });
    await waitForComment(author, first, "that everything is gone", (body) => headline(body).startsWith("removed"), 60);
    const recordName = new URL(firstUrl).hostname.split(".")[0] ?? "";
    // The comment speaks last but for the record itself.
    await waitFor("the record's end", 10, async () => {
      const lines = leftoverLines(await leftovers(lab, owner, first, recordName));
      if (lines.length > 0) throw new Error(lines.join("; "));
      return true;
    });
    return { value: undefined, detail: "no namespace, release, account, solve, deployment or record is left" };
  });

  await steps.run("The second is still there", async () => {
    await serves(second.url, hello);
    return { value: undefined, detail: second.url };
  });
  await clone.dispose();
  return second;
}

/** `shop`, or `shop-2` and so on where earlier demos of this lab have left theirs. */
async function freeName(who: Person, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await who.octokit.repos.get({ owner: who.login, repo: name });
    } catch (error) {
      if (error instanceof RequestError && error.status === 404) return name;
      throw error;
    }
  }
}

async function propose(
  clone: Clone,
  who: Person,
  branch: string,
  title: string,
  change: (directory: string) => Promise<void>,
): Promise<PullRequestRef> {
  await clone.push(branch, title, change, "main");
  return await openPullRequest(who, clone.owner, clone.repository, branch, title);
}

/** The smallest change of the shop that can be seen: its title and colour. */
async function retitle(directory: string, title: string, accent: string): Promise<void> {
  const file = join(directory, "services/web/theme.json");
  const theme = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, "utf8")));
  await writeFile(file, `${JSON.stringify({ ...theme, title, accent }, null, 2)}\n`);
}

const hello = "Say hello to the other visitors";

/** A change that goes together with the first one: it is in another file. */
async function sayHello(directory: string): Promise<void> {
  const file = join(directory, "services/web/page.js");
  const page = await readFile(file, "utf8");
  const changed = page.replace("Wave at the other visitors", hello);
  if (changed === page) throw new Error(`${file} has no button to change`);
  await writeFile(file, changed);
}

async function ready(
  lab: LabStatus,
  who: Person,
  pr: PullRequestRef,
  content: string,
): Promise<{ value: string; detail: string }> {
  const comment = await waitForComment(who, pr, "ready", (body) => {
    if (headline(body).startsWith("failed")) throw new Error("the preview has failed");
    return readyAt(pr.head)(body);
  });
  const url = urlIn(comment);
  if (!url.includes(lab.greenroom.baseDomain)) throw new Error(`${url} is not below ${lab.greenroom.baseDomain}`);
  await serves(url, content);
  return { value: url, detail: url };
}

/** The gateway hears of a change a moment after the comment is written; a page that is open turns by itself. */
async function serves(url: string, content: string): Promise<void> {
  await waitFor(`“${content}” at ${url}`, 3, async () => {
    const answer = await askPreview(url);
    if (answer.status === 200 && answer.body.includes(content)) return true;
    throw new Error(`it answers ${answer.status}:\n${answer.body.slice(0, 500)}`);
  });
}
