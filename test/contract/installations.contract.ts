import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Installations, OpenPullRequests, Unread } from "../../src/ports/installations.ts";
import { traitsName } from "../../src/policy/traits.ts";
import type { PlayedGitHub } from "../fakes/pull-requests.ts";

export type InstallationsHarness = {
  github: PlayedGitHub;
  installations: Installations;
  dispose(): Promise<void>;
};

const never = new AbortController().signal;

/** Everything there is, with what could not be read. */
export async function readAll(installations: Installations, signal = never) {
  const repositories: OpenPullRequests[] = [];
  const unread: Unread[] = [];
  for await (const each of installations.openPullRequests(signal, (what) => unread.push(what))) repositories.push(each);
  return { repositories, unread };
}

function versions(of: OpenPullRequests | undefined): Record<number, string> {
  return Object.fromEntries((of?.pullRequests ?? []).map((pr) => [pr.number, pr.version]));
}

/** The only repository there is. */
async function readOne(installations: Installations): Promise<OpenPullRequests | undefined> {
  const { repositories, unread } = await readAll(installations);
  expect([repositories.length, unread]).toEqual([1, []]);
  return repositories[0];
}

/** What everything that stands for the app's installations has to do. */
export function installationsContract(name: string, start: () => Promise<InstallationsHarness>): void {
  describe(`installations ${name}`, () => {
    let harness: InstallationsHarness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(() => harness.dispose());

    test("list open pull requests with their head, repository by repository", async () => {
      const { github, installations } = harness;
      const one = await github.open();
      const two = await github.open();
      const head = await github.push(two);
      const { repositories, unread } = await readAll(installations);
      const { installation, repository } = one;
      expect(unread).toEqual([]);
      expect(repositories).toEqual([{ installation, repository, pullRequests: expect.any(Array) }]);
      expect(repositories[0]?.pullRequests.map(({ number }) => number).toSorted()).toEqual([one.number, two.number]);
      expect(repositories[0]?.pullRequests.find(({ number }) => number === two.number)?.head).toBe(head);
    });

    test("follow pushes and closes, and tell what changed from what did not", async () => {
      const { github, installations } = harness;
      const one = await github.open();
      const two = await github.open();
      const before = await readOne(installations);
      await github.label(one, "preview");
      const after = await readOne(installations);
      expect(versions(after)[two.number]).toBe(versions(before)[two.number]);
      const head = await github.push(two);
      const pushed = await readOne(installations);
      expect(pushed?.pullRequests.find(({ number }) => number === two.number)?.head).toBe(head);
      await github.close(one);
      await github.close(two);
      expect((await readAll(installations)).repositories).toEqual([
        { installation: one.installation, repository: one.repository, pullRequests: [] },
      ]);
    });

    test("name the traits of each, which a push does not change", async () => {
      const { github, installations } = harness;
      const key = await github.open();
      const traits = async () => (await readOne(installations))?.pullRequests[0]?.traits;
      const ready = traitsName({ draft: false, labels: [], baseRef: "main" });
      expect(await traits()).toBe(ready);
      await github.push(key);
      expect(await traits()).toBe(ready);
      await github.label(key, "preview");
      expect(await traits()).toBe(traitsName({ draft: false, labels: ["preview"], baseRef: "main" }));
    });

    test("tell what is said in a repository, and of its pull request that it has changed", async () => {
      const { github, installations } = harness;
      const [one, two] = [await github.open(), await github.open()];
      const before = await readOne(installations);
      // A list tells whole seconds.
      await setTimeout(1_100);
      const id = await github.say(one, "/preview stop");
      const after = await readOne(installations);
      if (after === undefined) throw new Error("there is no repository");
      expect(versions(after)[one.number]).not.toBe(versions(before)[one.number]);
      expect(versions(after)[two.number]).toBe(versions(before)[two.number]);
      const changedAt = after.pullRequests.find(({ number }) => number === one.number)?.changedAt ?? new Date(0);
      await github.say(two, "fine");
      const said = await installations.comments(after, changedAt, never);
      expect(said.map(({ pullRequest, author, body }) => [pullRequest, author, body])).toEqual([
        [one.number, "author", "/preview stop"],
        [two.number, "author", "fine"],
      ]);
      expect(said[0]?.id).toBe(id);
      expect(await installations.comments(after, new Date(changedAt.getTime() + 60_000), never)).toEqual([]);
    });

    test("name what they may not read instead of showing it empty", async () => {
      const { github, installations } = harness;
      const { installation, repository } = await github.open();
      await github.revoke("pull_requests");
      expect(await readAll(installations)).toEqual({
        repositories: [],
        unread: [{ repository: repository.id, installation }],
      });
    });

    test("are none once the app is uninstalled", async () => {
      const { github, installations } = harness;
      await github.open();
      expect((await readAll(installations)).repositories).toHaveLength(1);
      await github.uninstall();
      expect(await readAll(installations)).toEqual({ repositories: [], unread: [] });
    });

    test("are not asked for by somebody who has left", async () => {
      const reason = new Error("left");
      await expect(readAll(harness.installations, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
