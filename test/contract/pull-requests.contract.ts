import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PullRequests } from "../../src/ports/pull-requests.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import { type PullRequest, isFork } from "../../src/preview/pull-request.ts";
import type { CheckReport, DeploymentReport } from "../../src/report/reports.ts";
import type { PlayedGitHub } from "../fakes/pull-requests.ts";

export type PullRequestsHarness = {
  github: PlayedGitHub;
  pullRequests: PullRequests;
  dispose(): Promise<void>;
};

const never = new AbortController().signal;
const marked = (text: string) => `<!-- greenroom:preview 42/1 -->\n${text}`;

/** What everything that stands for GitHub has to do. */
export function pullRequestsContract(name: string, start: () => Promise<PullRequestsHarness>): void {
  describe(`pull requests ${name}`, () => {
    let harness: PullRequestsHarness;
    let github: PlayedGitHub;
    let pullRequests: PullRequests;
    beforeEach(async () => {
      harness = await start();
      ({ github, pullRequests } = harness);
    });
    afterEach(() => harness.dispose());

    const read = async (key: PreviewKey, comment?: number): Promise<PullRequest> => {
      const pr = await pullRequests.read(key, comment, never);
      if (pr === "gone") throw new Error("the pull request is gone");
      return pr;
    };

    test("are read as they stand", async () => {
      const key = await github.open({ draft: true });
      const first = await read(key);
      expect(first).toMatchObject({
        key,
        number: key.number,
        owner: "maintainer",
        repository: "shop",
        state: "open",
        merged: false,
        draft: true,
        labels: [],
        author: { login: "author", bot: false, permission: "write" },
        base: { ref: "main" },
        defaultBranch: "main",
      });
      expect(first.comment).toBeUndefined();
      expect(isFork(first)).toBe(false);
      const head = await github.push(key);
      await github.label(key, "preview");
      expect(await read(key)).toMatchObject({ head: { sha: head }, labels: ["preview"] });
      await github.close(key);
      expect(await read(key)).toMatchObject({ state: "closed", merged: false });
    });

    test("tell a fork and what its author may do", async () => {
      const key = await github.open({ author: { login: "visitor", permission: "read" }, fork: true });
      const pr = await read(key);
      expect([isFork(pr), pr.author.login, pr.author.permission]).toEqual([true, "visitor", "read"]);
      // Once more, when the author is known.
      expect((await read(key)).author.permission).toBe("read");
    });

    test("tell what the base branch's greenroom.yaml says now, also to forks", async () => {
      const own = await github.open();
      const fork = await github.open({ author: { login: "visitor", permission: "read" }, fork: true });
      for (const text of ["previews: {drafts: false}\n", "previews: {}\n"]) {
        await github.configure(own, text);
        for (const key of [own, fork]) {
          expect((await read(key)).base.config).toEqual({ file: "greenroom.yaml", text });
          expect((await read(key)).head.configured).toBeUndefined();
        }
      }
    });

    test("tell which files they change", async () => {
      const pr = await read(await github.open());
      expect(await pullRequests.changedFiles(pr, never)).toEqual(["page.html"]);
    });

    test("are gone where there is none, and when the app is uninstalled", async () => {
      const key = await github.open();
      expect(await pullRequests.read({ ...key, number: 999 }, undefined, never)).toBe("gone");
      await github.uninstall();
      expect(await pullRequests.read(key, undefined, never)).toBe("gone");
    });

    test("keep one comment, found by its id or by its marker", async () => {
      const key = await github.open();
      await github.say(key, marked("not ours"));
      const pr = await read(key);
      const id = await pullRequests.comment(pr, undefined, marked("building"), never);
      expect((await read(key)).comment).toEqual({ id, body: marked("building") });
      expect(await pullRequests.comment(pr, id, marked("ready"), never)).toBe(id);
      expect((await read(key, id)).comment).toEqual({ id, body: marked("ready") });
      expect(await github.comments(key)).toEqual([
        { id: expect.any(Number), body: marked("not ours"), ours: false },
        { id, body: marked("ready"), ours: true },
      ]);
    });

    test("show only one comment of ours, once a stray one was seen", async () => {
      const key = await github.open();
      const pr = await read(key);
      const id = await pullRequests.comment(pr, undefined, marked("one"), never);
      const stray = await pullRequests.comment(pr, undefined, marked("stray"), never);
      const seen = await read(key, id);
      expect([seen.comment?.id, seen.strayComments]).toEqual([id, [stray]]);
      expect(await pullRequests.comment(seen, id, marked("two"), never)).toBe(id);
      expect(await github.comments(key)).toEqual([{ id, body: marked("two"), ours: true }]);
      expect((await read(key, id)).strayComments).toBeUndefined();
    });

    test("get their comment again where somebody deleted it", async () => {
      const key = await github.open();
      const pr = await read(key);
      const id = await pullRequests.comment(pr, undefined, marked("one"), never);
      await github.deleteComment(key, id);
      expect((await read(key, id)).comment).toBeUndefined();
      const again = await pullRequests.comment(pr, id, marked("two"), never);
      expect(await github.comments(key)).toEqual([{ id: again, body: marked("two"), ours: true }]);
    });

    test("have one check run for each commit", async () => {
      const key = await github.open();
      const pr = await read(key);
      const report: CheckReport = {
        commit: pr.head.sha,
        status: "in_progress",
        title: "Building",
        summary: "Two images.",
        annotations: [],
        actions: [],
        externalId: `${key.repository.id}/${key.number}`,
      };
      const done: CheckReport = {
        ...report,
        status: "completed",
        conclusion: "failure",
        title: "Failed",
        annotations: [{ path: "README.md", line: 1, message: "This line." }],
        detailsUrl: "http://12-shop.preview.example.dev/",
      };
      const id = await pullRequests.check(pr, undefined, report, never);
      expect(await pullRequests.check(pr, id, done, never)).toBe(id);
      expect(await pullRequests.check(pr, id, done, never)).toBe(id);
      expect(await github.checks(key, pr.head.sha)).toEqual([{ id, report: done }]);

      const commit = await github.push(key);
      const next = await pullRequests.check(await read(key), id, { ...report, commit }, never);
      expect(next).not.toBe(id);
      expect((await github.checks(key, commit)).map((each) => each.id)).toEqual([next]);
      expect(await github.checks(key, pr.head.sha)).toEqual([{ id, report: done }]);
    });

    test("have another check run where work begins anew, or other lines are at fault", async () => {
      const key = await github.open();
      const pr = await read(key);
      const begun: CheckReport = {
        commit: pr.head.sha,
        status: "in_progress",
        title: "Building",
        summary: "Two images.",
        annotations: [],
        actions: [],
        externalId: `${key.repository.id}/${key.number}`,
      };
      const failed = (line: number): CheckReport => ({
        ...begun,
        status: "completed",
        conclusion: "failure",
        annotations: [{ path: "README.md", line, message: "This line." }],
      });
      const first = await pullRequests.check(pr, undefined, begun, never);
      expect(await pullRequests.check(pr, first, failed(1), never)).toBe(first);
      const second = await pullRequests.check(pr, first, begun, never);
      expect(second).not.toBe(first);
      expect(await pullRequests.check(pr, second, failed(2), never)).toBe(second);
      const third = await pullRequests.check(pr, second, failed(3), never);
      expect(third).not.toBe(second);
      const lines = (await github.checks(key, pr.head.sha)).map(({ report }) =>
        report.annotations.map(({ line }) => line),
      );
      expect(lines.flat().toSorted((one, other) => one - other)).toEqual([1, 2, 3]);
    });

    test("have one deployment for each commit, and none when they are retired", async () => {
      const key = await github.open();
      const pr = await read(key);
      const environment = `preview/pr-${key.number}`;
      const report: DeploymentReport = {
        commit: pr.head.sha,
        environment,
        state: "success",
        url: "http://12-shop.preview.example.dev/",
        description: "The preview is ready.",
      };
      const id = await pullRequests.deployment(pr, undefined, report, never);
      const failing: DeploymentReport = { ...report, state: "failure" };
      expect(await pullRequests.deployment(pr, id, failing, never)).toBe(id);
      const shown = { commit: pr.head.sha, environment, url: report.url };
      expect(await github.deployments(key, environment)).toEqual([{ ...shown, id, state: "failure" }]);

      await pullRequests.deployment(pr, id, report, never);
      const commit = await github.push(key);
      const next = await pullRequests.deployment(await read(key), id, { ...report, commit }, never);
      const states = (await github.deployments(key, environment)).map((each) => [each.id, each.state] as const);
      expect(new Map(states)).toEqual(
        new Map([
          [id, "inactive"],
          [next, "success"],
        ]),
      );
      await pullRequests.retireDeployments(key, environment, next, never);
      expect(await github.deployments(key, environment)).toEqual([{ ...shown, commit, id: next, state: "success" }]);
      await pullRequests.retireDeployments(key, environment, undefined, never);
      expect(await github.deployments(key, environment)).toEqual([]);
      await pullRequests.retireDeployments(key, environment, undefined, never);
    });

    test("do without checks and deployments where the permission is missing", async () => {
      const key = await github.open();
      const pr = await read(key);
      await github.revoke("checks");
      await github.revoke("deployments");
      const { sha: commit } = pr.head;
      const check: CheckReport = {
        commit,
        status: "queued",
        title: "Waiting",
        summary: "",
        annotations: [],
        actions: [],
        externalId: "42/1",
      };
      const deployment: DeploymentReport = { commit, environment: "preview/pr-1", state: "success", description: "" };
      expect(await pullRequests.check(pr, undefined, check, never)).toBeUndefined();
      expect(await pullRequests.deployment(pr, undefined, deployment, never)).toBeUndefined();
      await pullRequests.retireDeployments(key, "preview/pr-1", undefined, never);
    });

    test("give access to their repository by git", async () => {
      const pr = await read(await github.open());
      const access = await pullRequests.gitAccess(pr, never);
      expect(access.url).toMatch(/^https?:\/\/[^@]+\/maintainer\/shop\.git$/);
      expect(access.username).toBe("x-access-token");
      expect(access.password).toMatch(/^ghs_/);
    });

    test("are not asked for by somebody who has left", async () => {
      const key = await github.open();
      const reason = new Error("left");
      await expect(pullRequests.read(key, undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
