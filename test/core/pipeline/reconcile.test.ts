import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FailureError } from "../../../src/preview/failure.ts";
import { environmentName } from "../../../src/report/deployment.ts";
import { files, smallWorld } from "./small-world.ts";

const namespace = "preview-1-shop";
const brokenDockerfile = { ...files, Dockerfile: "FROM busybox:1.37\nRUN exit 3\n" };
const endlessDockerfile = { ...files, Dockerfile: "FROM busybox:1.37\nRUN sleep 1000\n" };

function unavailable(): FailureError {
  return new FailureError({ kind: "transient", code: "github-unavailable", what: "GitHub sleeps.", remedy: "Wait." });
}

describe("reconcile", () => {
  let small: ReturnType<typeof smallWorld>;
  beforeEach(() => {
    small = smallWorld();
  });
  afterEach(() => {
    const left = [...small.checkouts.open];
    small.checkouts.close();
    if (left.length > 0) throw new Error(`checkouts were left behind: ${left.join(", ")}`);
  });

  test("an opened pull request becomes a preview, and everything says so", async () => {
    const key = await small.github.open();
    await small.look(key);
    const { status, name } = await small.record(key);
    const commit = await small.head(key);
    expect(status).toMatchObject({ phase: "Ready", observedCommit: commit, deployedCommit: commit, attempt: 1 });
    expect(status.images).toMatchObject([{ name: "hello", outcome: "built" }]);
    expect(await small.comment(key)).toContain(`https://${name}.preview.test`);
    const checks = await small.github.checks(key, commit);
    expect(checks.map((check) => check.report.conclusion)).toEqual(["success"]);
    const deployments = await small.github.deployments(key, environmentName(key.number));
    expect(deployments).toMatchObject([{ state: "success", commit }]);
  });

  test("a second look reads once and changes nothing", async () => {
    const key = await small.github.open();
    await small.look(key);
    const before = small.github.calls.length;
    const record = await small.record(key);
    await small.look(key);
    expect(small.github.calls.slice(before)).toEqual(["read"]);
    expect(await small.record(key)).toEqual(record);
  });

  test("opening takes at most 9 calls to GitHub, a push at most 7", async () => {
    const key = await small.github.open();
    await small.look(key);
    // The deployment is two requests of GitHub's.
    expect(small.github.calls.length + 1).toBeLessThanOrEqual(9);
    const before = small.github.calls.length;
    await small.github.push(key);
    await small.look(key);
    expect(small.github.calls.length - before + 1).toBeLessThanOrEqual(8);
  });

  test("a push that changes no image builds nothing", async () => {
    const key = await small.github.open();
    await small.look(key);
    await small.github.push(key);
    await small.look(key);
    expect(small.builder.requests).toHaveLength(1);
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready", images: [{ outcome: "reused" }] });
  });

  test("closing takes everything away, the record last", async () => {
    const key = await small.github.open();
    await small.look(key);
    await small.github.close(key);
    await small.look(key);
    await expect(small.record(key)).rejects.toThrow("there is no record");
    expect([...small.kubernetes.namespaces.keys()]).toEqual([]);
    expect([...small.kubernetes.accounts.keys()]).toEqual([]);
    expect(await small.comment(key)).toContain("removed");
    const deployments = await small.github.deployments(key, environmentName(key.number));
    expect(deployments.filter((deployment) => deployment.state !== "inactive")).toEqual([]);
  });

  test("a user's failure is told once, and the next push is tried", async () => {
    const key = await small.github.open();
    small.contents.set(await small.head(key), brokenDockerfile);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Failed", failure: { kind: "user" } });
    expect(await small.comment(key)).toContain("Dockerfile");
    const before = small.github.calls.length;
    await small.look(key);
    expect(small.github.calls.slice(before)).toEqual(["read"]);
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    expect((await small.record(key)).status.failure).toBeUndefined();
  });

  test("a transient failure is thrown for the queue to try again, and the next try succeeds", async () => {
    const key = await small.github.open();
    let down = true;
    small.github.interfere((method) => {
      if (down && method === "gitAccess") throw unavailable();
    });
    await expect(small.look(key)).rejects.toMatchObject({ failure: { kind: "transient" } });
    expect((await small.record(key)).status).toMatchObject({ phase: "Waiting", retries: 1 });
    down = false;
    await small.look(key);
    const { status } = await small.record(key);
    expect(status.phase).toBe("Ready");
    expect(status.retries).toBeUndefined();
  });

  test("what GitHub could not be told at the end is told by the next look", async () => {
    const key = await small.github.open();
    let down = true;
    small.github.interfere((method) => {
      if (down && (method === "comment" || method === "check")) throw unavailable();
    });
    await expect(small.look(key)).rejects.toMatchObject({ failure: { kind: "transient" } });
    down = false;
    await small.look(key);
    expect(await small.comment(key)).toContain("ready");
    expect(small.builder.requests).toHaveLength(1);
  });

  test("a comment that somebody deleted comes back", async () => {
    const key = await small.github.open();
    await small.look(key);
    const [first] = await small.github.comments(key);
    await small.github.deleteComment(key, first?.id ?? 0);
    await small.look(key);
    expect(await small.comment(key)).toContain("ready");
  });

  test("an aborted build leaves no failure behind, and no word", async () => {
    const key = await small.github.open();
    small.contents.set(await small.head(key), endlessDockerfile);
    const abort = new AbortController();
    const looking = small.look(key, abort.signal);
    await untilBuilding(small);
    abort.abort(new Error("superseded"));
    await looking;
    expect((await small.record(key)).status.phase).toBe("Building");
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready", attempt: 2 });
  });

  test("an attempt that another worker has taken over stops without a word", async () => {
    const key = await small.github.open();
    const slow = await small.head(key);
    small.contents.set(slow, endlessDockerfile);
    const abort = new AbortController();
    const looking = small.look(key, abort.signal);
    await untilBuilding(small);
    await small.github.push(key);
    await small.look(key);
    const ready = await small.record(key);
    abort.abort(new Error("its lock was lost"));
    await looking;
    expect(await small.record(key)).toEqual(ready);
    expect(small.kubernetes.namespace(ready.status.namespace ?? "").deployer).toMatch(/-2$/);
  });

  test("a fork is held: nothing of it is fetched or built, and closing removes even the record", async () => {
    const key = await small.github.open({ fork: true, author: { login: "visitor", permission: "read" } });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Held");
    expect(await small.comment(key)).toContain("fork");
    expect(small.github.calls).not.toContain("gitAccess");
    expect(small.builder.requests).toEqual([]);
    expect([...small.kubernetes.namespaces.keys()]).toEqual([]);
    await small.github.close(key);
    await small.look(key);
    await expect(small.record(key)).rejects.toThrow("there is no record");
  });

  test("a record deleted by hand is torn down, and the open pull request is looked at again", async () => {
    const key = await small.github.open();
    await small.look(key);
    small.records.deleteByHand((await small.record(key)).name);
    await small.look(key);
    expect([...small.kubernetes.namespaces.keys()]).toEqual([]);
    expect(small.asked).toEqual([key]);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("a preview whose objects somebody took away is deployed anew", async () => {
    const key = await small.github.open();
    await small.look(key);
    const space = small.kubernetes.namespace((await small.record(key)).status.namespace ?? namespace);
    space.objects.delete("Service/hello");
    small.kubernetes.changed();
    await small.look(key);
    expect(space.objects.has("Service/hello")).toBe(true);
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready", attempt: 2 });
  });

  test("without the optional permissions the rest works", async () => {
    const key = await small.github.open();
    await small.github.revoke("checks");
    await small.github.revoke("deployments");
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    expect(await small.comment(key)).toContain("ready");
  });
});

/** Resolves once a build has begun. */
async function untilBuilding({ builder }: ReturnType<typeof smallWorld>): Promise<void> {
  await expect.poll(() => builder.requests.length, { interval: 5, timeout: 5_000 }).toBeGreaterThan(0);
}
