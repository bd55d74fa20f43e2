import { afterEach, beforeEach, expect, test } from "vitest";
import type { PreviewKey } from "../../../src/preview/key.ts";
import { type Conversation, converse, did, didNot } from "./conversation.ts";
import { files } from "./small-world.ts";

let small: Conversation["small"];
let say: Conversation["say"];
let answers: Conversation["answers"];
let opened: Conversation["opened"];
let phase: Conversation["phase"];

beforeEach(() => {
  ({ small, say, answers, opened, phase } = converse({ lifetime: { afterwards: "sleep" } }));
});
afterEach(() => {
  small.checkouts.close();
});

/** A commit with a page and a chart of its own. */
async function pushed(key: PreviewKey, text: string): Promise<string> {
  const commit = await small.github.push(key);
  small.contents.set(commit, {
    ...files,
    page: text,
    "chart/templates/page.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: page}\ndata: {page: ${text}}\n`,
  });
  await small.look(key);
  return commit;
}

async function page(key: PreviewKey): Promise<unknown> {
  const { namespace = "" } = (await small.record(key)).status;
  return small.kubernetes.namespace(namespace).objects.get("ConfigMap/page")?.["data"];
}

test("an earlier revision is shown until the next push, and nothing is built", async () => {
  const key = await opened();
  const [one, two] = [await pushed(key, "one"), await pushed(key, "two")];
  const built = small.builder.requests.length;
  expect(await say(key, "/preview rollback")).toEqual(did);
  expect(await page(key)).toEqual({ page: "one" });
  const { status } = await small.record(key);
  expect(status).toMatchObject({ phase: "Ready", deployedCommit: one, observedCommit: two, release: { revision: 4 } });
  const comment = await small.comment(key);
  expect(comment).toContain(`Somebody went back to revision 2, of \`${one.slice(0, 7)}\`.`);
  expect(comment.split("\n")[2]).toContain(one.slice(0, 7));
  expect(small.builder.requests).toHaveLength(built);
  expect(status.deployedImages).toHaveLength(1);

  const three = await pushed(key, "three");
  expect(await page(key)).toEqual({ page: "three" });
  const after = await small.record(key);
  expect(after.spec.pinned).toBeUndefined();
  expect(after.status.deployedCommit).toBe(three);
});

test("a look leaves it as it is, and so do sleep and wake", async () => {
  const key = await opened();
  const one = await pushed(key, "one");
  await pushed(key, "two");
  await say(key, "/preview rollback");
  const { attempt } = (await small.record(key)).status;
  await small.look(key);
  await small.look(key);
  expect((await small.record(key)).status.attempt).toBe(attempt);
  await say(key, "/preview sleep");
  await say(key, "/preview wake");
  expect(await phase(key)).toBe("Ready");
  expect(await page(key)).toEqual({ page: "one" });
  small.clock.jump(80 * 3_600_000);
  await small.look(key);
  await small.look(key);
  expect(await phase(key)).toBe("Asleep");
  expect((await small.record(key)).status).toMatchObject({ deployedCommit: one, release: { revision: 4 } });
});

test("rolling back twice goes back twice, and deploy shows the newest commit again", async () => {
  const key = await opened();
  for (const each of ["one", "two", "three"]) await pushed(key, each);
  await say(key, "/preview rollback");
  await say(key, "/preview rollback");
  expect(await page(key)).toEqual({ page: "one" });
  expect(await say(key, "/preview rollback 4")).toEqual(did);
  expect(await page(key)).toEqual({ page: "three" });
  await say(key, "/preview rollback 3");
  expect(await page(key)).toEqual({ page: "two" });
  expect(await say(key, "/preview deploy")).toEqual(did);
  expect(await page(key)).toEqual({ page: "three" });
  expect(await small.comment(key)).not.toContain("went back");
});

test("a commit that fails is left for the last one that was ready", async () => {
  const key = await opened();
  await pushed(key, "one");
  const broken = await small.github.push(key);
  small.contents.set(broken, { ...files, Dockerfile: "FROM busybox:1.37\nRUN exit 1\n" });
  await small.look(key);
  expect(await phase(key)).toBe("Failed");
  expect(await say(key, "/preview rollback")).toEqual(did);
  expect(await phase(key)).toBe("Ready");
  expect(await page(key)).toEqual({ page: "one" });
});

test("what is not there cannot be gone back to, and why is said", async () => {
  const key = await opened();
  expect(await say(key, "/preview rollback")).toEqual(didNot);
  expect((await answers(key))[0]).toContain(
    "there is no earlier revision to go back to. Those that were ready are: 1 (",
  );
  await pushed(key, "one");
  expect(await say(key, "/preview rollback 7")).toEqual(didNot);
  await small.github.push(key);
  small.clock.jump(2_000);
  expect(await say(key, "/preview rollback")).toEqual(didNot);
  expect((await answers(key))[2]).toContain("a newer commit was pushed");
  await say(key, "/preview stop");
  expect(await say(key, "/preview rollback")).toEqual(didNot);
});

test("an image that the registry has not any more is named", async () => {
  const key = await opened();
  await pushed(key, "one");
  const [image = ""] = (await small.record(key)).status.deployedImages ?? [];
  await pushed(key, "two");
  const [reference = "", digest = ""] = image.split("@");
  await small.registry.delete(
    reference.slice(0, reference.lastIndexOf(":")),
    digest,
    new Date(8.64e15),
    new AbortController().signal,
  );
  expect(await say(key, "/preview rollback")).toEqual(did);
  expect((await small.record(key)).status).toMatchObject({ phase: "Failed", failure: { code: "revision-image-gone" } });
  expect(await say(key, "/preview deploy")).toEqual(did);
  expect(await phase(key)).toBe("Ready");
});
