import { afterEach, expect, test } from "vitest";
import { smallWorld } from "./small-world.ts";

const signal = new AbortController().signal;

let small: ReturnType<typeof smallWorld>;
afterEach(() => {
  small.checkouts.close();
});

test("a stop at the same moment as a visit is not lost", async () => {
  small = smallWorld();
  const key = await small.github.open();
  await small.look(key);
  await small.records.amend(await small.record(key), { want: "asleep" }, signal);
  await small.look(key);
  small.clock.jump(1_000);
  const lastVisitAt = small.clock.now().toISOString();
  const visited = await small.records.report(await small.record(key), { lastVisitAt }, signal);
  let stop: Promise<unknown> | undefined;
  small.github.interfere((method) => {
    if (method === "read") stop ??= small.records.amend(visited, { want: "stopped" }, signal);
  });
  await small.look(key);
  await stop;
  expect((await small.record(key)).spec.want).toBe("stopped");
  expect(small.asked).toEqual([key]);
  await small.look(key);
  expect((await small.record(key)).status.phase).toBe("Held");
});

test("what somebody who had been stopped says of one that waits is taken back", async () => {
  small = smallWorld({ limits: { previews: { all: 1, installation: undefined, repository: undefined } } });
  await small.look(await small.github.open());
  const second = await small.github.open();
  await small.look(second);
  const { pullRequests } = small.github;
  const pr = await pullRequests.read(second, undefined, signal);
  if (pr === "gone") throw new Error("the pull request is there");
  await pullRequests.comment(pr, pr.comment?.id, `${pr.comment?.body.split("\n")[0]}\n\nIt is being built.`, signal);
  await small.look(second);
  expect(await small.comment(second)).toContain("It is number 1 in line");
  const before = small.github.calls.length;
  await small.look(second);
  expect(small.github.calls.slice(before)).toEqual(["read"]);
});

test("what somebody who had been held up puts to sleep after it was deployed anew is woken", async () => {
  small = smallWorld();
  const key = await small.github.open();
  await small.look(key);
  const { namespace = "" } = (await small.record(key)).status;
  await small.world.cluster.sleep(namespace, signal);
  await small.look(key);
  expect(await small.world.cluster.asleep(namespace, signal)).toEqual([]);
  expect((await small.record(key)).status).toMatchObject({ phase: "Ready" });
  const web = small.kubernetes.namespace(namespace).objects.get("CronJob/hello");
  expect(Object(web?.["spec"])["suspend"]).toBe(false);
});
