import { afterEach, describe, expect, test } from "vitest";
import { obey, type ObeyWorld } from "../../../src/pipeline/obey.ts";
import { grammar, isCommandName } from "../../../src/policy/command-grammar.ts";
import { atLeast, rights } from "../../../src/policy/may.ts";
import { type Permission, permissions } from "../../../src/preview/pull-request.ts";
import { type Conversation, converse, did, didNot } from "./conversation.ts";
import { files, type SmallWorldOptions } from "./small-world.ts";

const signal = new AbortController().signal;
const hour = 3_600_000;

let small: Conversation["small"];
let world: Conversation["world"];
let announced: Conversation["announced"];
let say: Conversation["say"];
let answers: Conversation["answers"];
let opened: Conversation["opened"];
let phase: Conversation["phase"];

function start(options: SmallWorldOptions = {}): void {
  ({ small, world, announced, say, answers, opened, phase } = converse(options));
}
afterEach(() => {
  small.checkouts.close();
});

describe("commands", () => {
  test("stop, sleep, wake and deploy", async () => {
    start();
    const key = await opened();
    expect(await phase(key)).toBe("Ready");
    expect(await say(key, "/preview stop")).toEqual(did);
    expect(await phase(key)).toBe("Held");
    expect(await small.comment(key)).toContain("/preview deploy");
    expect(announced).toEqual([{ key, head: undefined, closed: true }]);
    expect(await say(key, "/preview deploy")).toEqual(did);
    expect(await phase(key)).toBe("Ready");
    expect(await say(key, "/preview sleep")).toEqual(did);
    expect(await phase(key)).toBe("Asleep");
    expect(await say(key, "/preview wake")).toEqual(did);
    expect(await phase(key)).toBe("Ready");
    expect(await answers(key)).toEqual([]);
  });

  test("deploy brings back what nobody used, and tries again what has failed", async () => {
    start();
    const key = await opened();
    small.clock.jump(72 * hour);
    await small.look(key);
    expect(await phase(key)).toBe("Held");
    await say(key, "/preview deploy");
    expect(await phase(key)).toBe("Ready");
    const { status } = await small.record(key);
    await small.records.report(await small.record(key), { phase: "Failed" }, signal);
    await small.look(key);
    expect(await phase(key)).toBe("Failed");
    await say(key, "/preview deploy");
    expect(await phase(key)).toBe("Ready");
    expect((await small.record(key)).status.attempt).toBeGreaterThan(status.attempt ?? 0);
  });

  test("wake brings back what sleeps for want of use", async () => {
    start({ lifetime: { afterwards: "sleep" } });
    const key = await opened();
    small.clock.jump(72 * hour);
    await small.look(key);
    expect(await phase(key)).toBe("Asleep");
    await say(key, "/preview wake");
    expect(await phase(key)).toBe("Ready");
  });

  test("extend and keep", async () => {
    start();
    const key = await opened();
    await say(key, "/preview extend 2d");
    expect((await small.record(key)).status.expiresAt).toBe("2026-01-06T00:00:00.000Z");
    await say(key, "/preview keep");
    expect((await small.record(key)).status.expiresAt).toBeUndefined();
    small.clock.jump(1_000 * hour);
    await small.look(key);
    expect(await phase(key)).toBe("Ready");
  });

  test("what needs words is answered once", async () => {
    start();
    const key = await opened();
    expect(await say(key, "/preview help\n/preview status\n/preview logs")).toEqual(did);
    await obey(world, key, signal);
    const [answer = "", ...more] = await answers(key);
    expect(more).toEqual([]);
    for (const { usage } of Object.values(grammar)) expect(answer).toContain(usage);
    expect(answer).toContain("**Ready**");
    expect(answer).toContain("there is no log");
  });

  test("logs show the pod of a service, folded and without secrets", async () => {
    start();
    const key = await opened();
    const { namespace = "" } = (await small.record(key)).status;
    const metadata = { name: "hello-1", labels: { app: "hello" } };
    const spec = { containers: [{ name: "web" }] };
    small.kubernetes.put(namespace, { apiVersion: "v1", kind: "Pod", metadata, spec });
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    small.kubernetes
      .namespace(namespace)
      .logs.set("hello-1/web", [...lines, "PASSWORD=hunter22", "it is correct-horse", "```"].join("\n"));
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "db" } };
    small.kubernetes.put(namespace, { ...secret, stringData: { password: "correct-horse" } });
    await say(key, "/preview logs hello");
    const [answer = ""] = await answers(key);
    expect(answer).not.toContain("correct-horse");
    expect(answer).toContain("<details>");
    expect(answer).toContain("line 99");
    expect(answer).not.toContain("line 41\n");
    expect(answer).not.toContain("hunter22");
    await say(key, "/preview logs nothing");
    expect((await answers(key))[1]).toContain("No pod belongs to `nothing`. There are: `hello`.");
  });

  test("several run in order, and one mistake or refusal stops all", async () => {
    start();
    const key = await opened();
    await say(key, "/preview stop\n/preview deploy");
    expect(await phase(key)).toBe("Ready");
    expect(await say(key, "/preview stop\n/preview depoy")).toEqual(didNot);
    expect(await phase(key)).toBe("Ready");
    expect((await answers(key))[0]).toContain("Did you mean `/preview deploy`?");
    expect(await say(key, "/preview stop", "stranger")).toEqual(didNot);
    expect(await phase(key)).toBe("Ready");
    expect((await answers(key))[1]).toContain("stranger has read permission, and `/preview stop` needs triage.");
  });
});

test("two who read the same comment do it once", async () => {
  start();
  const key = await opened();
  small.clock.jump(2_000);
  const before = Date.parse((await small.record(key)).status.expiresAt ?? "");
  const id = await small.github.say(key, "/preview extend 24h", "maintainer");
  await Promise.all([obey(world, key, signal), obey(world, key, signal)]);
  expect((await small.record(key)).spec.keepUntil).toBe(new Date(before + 24 * hour).toISOString());
  expect(await small.github.reactions(key, id)).toEqual(did);
});

describe("who is heard", () => {
  test("nobody's edits, and nothing that is old", async () => {
    start();
    const key = await opened();
    const old = await small.github.say(key, "/preview stop", "maintainer");
    small.clock.jump(80 * hour);
    const edited = await small.github.say(key, "fine", "maintainer");
    small.clock.jump(60_000);
    small.github.edit(key, edited, "/preview stop");
    await obey(world, key, signal);
    expect([...(await small.github.reactions(key, old)), ...(await small.github.reactions(key, edited))]).toEqual([]);
    expect((await small.record(key)).spec.want).toBe("running");
  });

  test("on a closed pull request that it is closed", async () => {
    start();
    const key = await opened();
    await small.github.close(key);
    expect(await say(key, "/preview deploy")).toEqual(didNot);
    expect((await answers(key))[0]).toContain("this pull request is closed");
    await small.github.reopen(key);
    await obey(world, key, signal);
    expect(await small.records.find(key, signal)).toBeUndefined();
  });

  test("before there is a record", async () => {
    start();
    const key = await small.github.open();
    expect(await say(key, "/preview stop", "author")).toEqual(did);
    expect(await phase(key)).toBe("Held");
  });
});

describe("each comment is done once", () => {
  // Nothing but the ports can fail, so each call is stopped once, before and after it was made.
  const stops = ["before", "after"].flatMap((moment) => [1, 2, 3, 4, 5, 6, 7, 8].map((call) => ({ moment, call })));
  test.each(stops)("stopped $moment call $call", async ({ moment, call: stopAt }) => {
    start();
    const key = await opened();
    small.clock.jump(2_000);
    const id = await small.github.say(key, "/preview extend 24h\n/preview help", "maintainer");
    let calls = 0;
    const broken =
      <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
      async (...given: A): Promise<R> => {
        calls += 1;
        const isIt = calls === stopAt;
        if (isIt && moment === "before") throw new Error("stopped");
        const result = await call(...given);
        if (isIt) throw new Error("stopped");
        return result;
      };
    const { conversation, records, queue } = world;
    const failing: ObeyWorld = {
      ...world,
      conversation: {
        ...conversation,
        react: broken((...given: Parameters<typeof conversation.react>) => conversation.react(...given)),
        answer: broken((...given: Parameters<typeof conversation.answer>) => conversation.answer(...given)),
        permission: broken((...given: Parameters<typeof conversation.permission>) => conversation.permission(...given)),
      },
      records: {
        ...records,
        ensure: broken((...given: Parameters<typeof records.ensure>) => records.ensure(...given)),
        amend: broken((...given: Parameters<typeof records.amend>) => records.amend(...given)),
      },
      queue: { ...queue, enqueue: broken((...given: Parameters<typeof queue.enqueue>) => queue.enqueue(...given)) },
    };
    await obey(failing, key, signal).catch(() => undefined);
    await obey(world, key, signal);
    await obey(world, key, signal);
    expect(await small.github.reactions(key, id)).toEqual(did);
    expect(await answers(key)).toHaveLength(1);
    expect((await small.record(key)).spec.keepUntil).toBe("2026-01-05T00:00:00.000Z");
    // The first try made so many calls that the last of them were never stopped.
    expect(calls).toBeLessThanOrEqual(7);
  });
});

describe("approval", () => {
  test("lets the commit run that was shown as held, and no later one", async () => {
    start();
    const key = await opened(true);
    expect(await phase(key)).toBe("Held");
    expect(await say(key, "/preview approve")).toEqual(did);
    expect(await phase(key)).toBe("Ready");
    const next = await small.github.push(key);
    await small.look(key);
    expect(await phase(key)).toBe("Held");
    expect(await small.comment(key)).toContain(`/preview approve ${next}`);
  });

  test.each(["/preview approve", "head", "short head"])("a push before %s is looked at never runs", async (wording) => {
    start();
    const key = await opened(true);
    const shown = await small.head(key);
    small.clock.jump(2_000);
    const named = { head: ` ${shown}`, "short head": ` ${shown.slice(0, 9)}` }[wording] ?? "";
    const id = await small.github.say(key, `/preview approve${named}`, "maintainer");
    const pushed = await small.github.push(key);
    // Shown before the approval is read, or after: neither makes it one of the later commit.
    small.clock.jump(2_000);
    if (wording !== "head") await small.look(key);
    await obey(world, key, signal);
    await small.look(key);
    expect(await small.github.reactions(key, id)).toEqual(didNot);
    expect(await phase(key)).toBe("Held");
    expect((await small.record(key)).spec.approvedCommit).toBeUndefined();
    expect((await answers(key))[0]).toContain(`/preview approve ${pushed}`);
  });

  test("of a commit that needs none changes nothing", async () => {
    start();
    const key = await opened();
    expect(await say(key, "/preview approve")).toEqual(did);
    expect((await answers(key))[0]).toContain("needs no approval");
  });
});

const declaring = [
  "chart: {path: chart}",
  "images: [{name: hello, context: .}]",
  "expose: [{name: web, service: hello, port: 80}]",
  "set: {LEVEL: {default: info}}",
  "",
].join("\n");
const mayBranch = (fork: boolean, permission: Permission) => !fork && atLeast(permission, "write");
/** What is written after a command that takes something. */
const words: Partial<Record<string, string>> = { set: " LEVEL=debug", unset: " LEVEL" };
/** Commands that can be done before anything was deployed. */
const needsNothing = new Set(Object.keys(grammar).filter((name) => !["set", "unset", "rollback"].includes(name)));

describe.each(Object.keys(grammar).filter(isCommandName))("/preview %s", (name) => {
  const cases = permissions.flatMap((permission) =>
    [false, true].flatMap((isAuthor) => [false, true].map((fork) => ({ permission, isAuthor, fork }))),
  );
  test.each(cases)("%j", async ({ permission, isAuthor, fork }) => {
    start();
    const author: { login: string; permission: Permission } = {
      login: "author",
      permission: isAuthor ? permission : fork ? "read" : "write",
    };
    const key = await small.github.open({ fork, author });
    small.contents.set(await small.head(key), {
      ...files,
      "greenroom.yaml": declaring,
    });
    await small.look(key);
    // So that there is something to go back to, where it may run.
    if (name === "rollback" && mayBranch(fork, author.permission)) {
      small.contents.set(await small.github.push(key), files);
      await small.look(key);
    }
    small.github.permit("somebody", permission);
    // A branch of the base repository runs where its author may write there; a fork's commit runs for nobody unasked.
    const mayRun = mayBranch(fork, author.permission);
    const { least, author: unasked } = rights[name];
    const isEligible = unasked === "once approved" || (unasked === "own branch" && !fork);
    const asAuthor = isAuthor && (unasked === "always" || (isEligible && mayRun));
    const may = atLeast(permission, least) || asAuthor;
    const isPossible = needsNothing.has(name) || mayRun;
    const said = `/preview ${name}${words[name] ?? ""}`;
    expect(await say(key, said, isAuthor ? "author" : "somebody")).toEqual(may && isPossible ? did : didNot);
    const refusals = (await answers(key)).filter((answer) => answer.includes("permission, and"));
    expect(refusals).toHaveLength(may ? 0 : 1);
    const isThere = small.kubernetes.namespaces.size > 0;
    expect(isThere).toBe(mayRun ? !(may && name === "stop") : may && name === "approve");
  });
});
