import { afterEach, describe, expect, test } from "vitest";
import { FailureError } from "../../../src/preview/failure.ts";
import { environmentName } from "../../../src/report/deployment.ts";
import { files, smallWorld, type SmallWorldOptions } from "./small-world.ts";

const signal = new AbortController().signal;
const hour = 3_600_000;
const brokenDockerfile = { ...files, Dockerfile: "FROM busybox:1.37\nRUN exit 3\n" };
const oneRoom = { previews: { all: 1, installation: undefined, repository: undefined } };

let small: ReturnType<typeof smallWorld>;
const start = (options: SmallWorldOptions = {}) => {
  small = smallWorld(options);
  return small;
};
afterEach(() => {
  small.checkouts.close();
});

/** What `kubectl edit`, a command or the gateway writes. */
async function visit(key: Parameters<typeof small.record>[0]): Promise<void> {
  const lastVisitAt = small.clock.now().toISOString();
  await small.records.report(await small.record(key), { lastVisitAt }, signal);
}

function isSuspended(namespace: string): unknown {
  return Object(small.kubernetes.namespace(namespace).objects.get("CronJob/hello")?.["spec"])["suspend"];
}

function away(): FailureError {
  return new FailureError({ kind: "transient", code: "github-unavailable", what: "GitHub sleeps.", remedy: "Wait." });
}

async function opened() {
  const key = await small.github.open();
  await small.look(key);
  return { key, namespace: (await small.record(key)).status.namespace ?? "" };
}

describe("expiry", () => {
  test("the record says when, the comment warns once, and a visit takes the warning away", async () => {
    start();
    const { key } = await opened();
    expect((await small.record(key)).status.expiresAt).toBe("2026-01-04T00:00:00.000Z");
    small.clock.jump(61 * hour);
    await small.look(key);
    expect(await small.comment(key)).toContain("It is removed on 2026-01-04 at 00:00 UTC unless");
    const before = small.github.calls.length;
    await small.look(key);
    expect(small.github.calls.slice(before)).toEqual(["read"]);
    await visit(key);
    await small.look(key);
    expect(await small.comment(key)).not.toContain("It is removed on");
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready", expiresAt: "2026-01-06T13:00:00.000Z" });
  });

  test("nobody used it: everything but the record goes, and a push brings it back", async () => {
    start();
    const { key } = await opened();
    small.clock.jump(72 * hour);
    await small.look(key);
    const { status } = await small.record(key);
    expect(status).toMatchObject({ phase: "Held" });
    expect(status.namespace ?? status.deployedCommit ?? status.urls).toBeUndefined();
    expect(await small.comment(key)).toContain("Nobody has used this preview for 72 hours");
    expect([...small.kubernetes.namespaces.keys(), ...small.kubernetes.accounts.keys()]).toEqual([]);
    expect(await small.github.deployments(key, environmentName(key.number))).toEqual([]);
    const before = small.github.calls.length;
    await small.look(key);
    expect(small.github.calls.slice(before)).toEqual(["read"]);
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("it sleeps instead, wakes when somebody visits it, and a push wakes it for the release", async () => {
    start({ lifetime: { afterwards: "sleep" } });
    const { key, namespace } = await opened();
    small.clock.jump(72 * hour);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Asleep", asleep: { because: "idle" } });
    expect(isSuspended(namespace)).toBe(true);
    expect(await small.comment(key)).toContain("asleep");
    small.clock.jump(hour);
    await visit(key);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Ready" });
    expect((await small.record(key)).status.asleep).toBeUndefined();
    expect(isSuspended(namespace)).toBe(false);
    expect(await small.comment(key)).toContain("ready");

    small.clock.jump(72 * hour);
    await small.look(key);
    expect(isSuspended(namespace)).toBe(true);
    await small.github.push(key);
    await small.look(key);
    const { status } = await small.record(key);
    expect(status).toMatchObject({ phase: "Ready", deployedCommit: await small.head(key) });
    expect(status.asleep).toBeUndefined();
    expect(isSuspended(namespace)).not.toBe(true);
  });

  test("a commit that had failed has failed still when it wakes", async () => {
    start({ lifetime: { afterwards: "sleep" } });
    const { key, namespace } = await opened();
    small.contents.set(await small.github.push(key), brokenDockerfile);
    await small.look(key);
    small.clock.jump(72 * hour);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Asleep" });
    small.clock.jump(hour);
    await visit(key);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Failed", failure: { kind: "user" } });
    expect(isSuspended(namespace)).toBe(false);
  });

  test("what was held for long and may run now is not taken for unused while it is tried again", async () => {
    start();
    const key = await small.github.open({ author: { login: "author", permission: "read" } });
    await small.look(key);
    small.clock.jump(100 * hour);
    await small.github.change(key, { author: { login: "author", bot: false, permission: "write" } });
    let down = true;
    small.github.interfere((method) => {
      if (down && method === "gitAccess") throw away();
    });
    await expect(small.look(key)).rejects.toMatchObject({ failure: { code: "github-unavailable" } });
    expect((await small.record(key)).status).toMatchObject({ phase: "Waiting", retries: 1 });
    expect(await small.comment(key)).toContain("Tried once; the next try follows within");
    down = false;
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("0 hours keeps it for ever", async () => {
    start({ lifetime: { idleHours: 0 } });
    const { key } = await opened();
    small.clock.jump(10_000 * hour);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    expect((await small.record(key)).status.expiresAt).toBeUndefined();
  });
});

describe("what people asked for", () => {
  test("stopped takes everything away and keeps the record; running brings it back", async () => {
    start();
    const { key } = await opened();
    await small.records.amend(await small.record(key), { want: "stopped" }, signal);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Held" });
    expect([...small.kubernetes.namespaces.keys()]).toEqual([]);
    expect(await small.comment(key)).toContain("**Preview** · stopped");
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Held", observedCommit: await small.head(key) });
    await small.records.amend(await small.record(key), { want: "running" }, signal);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("asleep puts it to sleep until somebody visits it", async () => {
    start();
    const { key, namespace } = await opened();
    await small.records.amend(await small.record(key), { want: "asleep" }, signal);
    await small.look(key);
    expect(isSuspended(namespace)).toBe(true);
    expect((await small.record(key)).status.asleep?.because).toBe("asked");
    small.clock.jump(1_000);
    await visit(key);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    expect((await small.record(key)).spec.want).toBe("running");
  });
});

describe("a hold takes away what runs", () => {
  test("the author lost the permission", async () => {
    start();
    const { key } = await opened();
    await small.github.change(key, { author: { login: "author", bot: false, permission: "read" } });
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Held" });
    expect([...small.kubernetes.namespaces.keys()]).toEqual([]);
    await small.github.change(key, { author: { login: "author", bot: false, permission: "write" } });
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("a fork's approved commit ran, and a newer one was pushed", async () => {
    start();
    const key = await small.github.open({ fork: true, author: { login: "visitor", permission: "read" } });
    await small.look(key);
    await small.records.amend(await small.record(key), { approvedCommit: await small.head(key) }, signal);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status).toMatchObject({ phase: "Held", observedCommit: await small.head(key) });
    expect([...small.kubernetes.namespaces.keys()]).toEqual([]);
  });

  test("interrupted before the namespace is gone, it is ended by the next look", async () => {
    let holder: string | undefined = "acme.example/backup";
    start({ cluster: { heldBy: () => holder } });
    const { key } = await opened();
    await small.records.amend(await small.record(key), { want: "stopped" }, signal);
    await expect(small.look(key)).rejects.toMatchObject({ failure: { kind: "transient" } });
    expect((await small.record(key)).status).toMatchObject({ phase: "Held", failure: { code: "namespace-held" } });
    expect(await small.comment(key)).toContain("acme.example/backup");
    holder = undefined;
    await small.look(key);
    const { status } = await small.record(key);
    expect(status.namespace ?? status.failure).toBeUndefined();
    expect(await small.comment(key)).not.toContain("acme.example");
  });
});

test("a renamed repository is called by its new name in the record", async () => {
  start();
  const { key } = await opened();
  small.github.rename(key.repository.id, "store");
  await small.look(key);
  expect((await small.record(key)).spec.repository.fullName).toBe("maintainer/store");
});

test("a failure that GitHub could not be told is told by the next look, without another try", async () => {
  start();
  const key = await small.github.open();
  small.contents.set(await small.head(key), brokenDockerfile);
  let down = true;
  small.github.interfere((method) => {
    if (down && method === "comment") throw new Error("GitHub sleeps");
  });
  await expect(small.look(key)).rejects.toThrow("GitHub sleeps");
  expect((await small.record(key)).status.phase).toBe("Failed");
  down = false;
  await small.look(key);
  expect(await small.comment(key)).toContain("failed");
  expect(small.builder.requests).toHaveLength(1);
});

describe("room", () => {
  test("a preview waits for room, says so, and begins when another one goes", async () => {
    start({ limits: oneRoom });
    const { key: first } = await opened();
    const second = await small.github.open();
    await small.look(second);
    expect((await small.record(second)).status).toMatchObject({ phase: "Waiting", place: 1 });
    expect((await small.record(second)).status.namespace).toBeUndefined();
    expect(await small.comment(second)).toContain("It is number 1 in line");
    await small.github.close(first);
    await small.look(first);
    expect(small.asked).toEqual([second]);
    await small.look(second);
    const { status } = await small.record(second);
    expect(status).toMatchObject({ phase: "Ready" });
    expect(status.place ?? status.waitingSince).toBeUndefined();
  });

  test("a push to a preview that runs needs no further room", async () => {
    start({ limits: oneRoom });
    const { key } = await opened();
    await small.github.push(key);
    await small.look(key);
    expect((await small.record(key)).status.phase).toBe("Ready");
  });

  test("the longest idle sleeps to make room, where the operator wants that, and waits to wake", async () => {
    start({ limits: { ...oneRoom, makeRoom: { leastIdleMs: 15 * 60_000 } } });
    const { key: first, namespace } = await opened();
    const second = await small.github.open();
    await small.look(second);
    // It was used just now.
    expect(small.asked).toEqual([]);
    small.clock.jump(hour);
    await small.look(second);
    expect(small.asked).toEqual([first]);
    await small.look(first);
    expect((await small.record(first)).status).toMatchObject({ phase: "Asleep", asleep: { because: "room" } });
    expect(isSuspended(namespace)).toBe(true);
    expect(small.asked).toEqual([first, second]);
    await small.look(second);
    expect((await small.record(second)).status.phase).toBe("Ready");
    small.clock.jump(1_000);
    await visit(first);
    await small.look(first);
    expect((await small.record(first)).status).toMatchObject({ phase: "Waiting", place: 1 });
    expect(isSuspended(namespace)).toBe(true);
    await small.github.close(second);
    await small.look(second);
    await small.look(first);
    expect((await small.record(first)).status.phase).toBe("Ready");
    expect(isSuspended(namespace)).toBe(false);
    expect(small.builder.requests).toHaveLength(1);
  });
});
