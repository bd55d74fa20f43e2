import { afterEach, beforeEach, expect, test } from "vitest";
import { obey } from "../../../src/pipeline/obey.ts";
import { reconcile } from "../../../src/pipeline/reconcile.ts";
import type { World } from "../../../src/pipeline/world.ts";
import { type Conversation, converse, did, didNot } from "./conversation.ts";

const signal = new AbortController().signal;
let small: Conversation["small"];
let world: Conversation["world"];
let say: Conversation["say"];
let answers: Conversation["answers"];
let opened: Conversation["opened"];
let phase: Conversation["phase"];

beforeEach(() => {
  ({ small, world, say, answers, opened, phase } = converse());
});
afterEach(() => {
  small.checkouts.close();
});

test("rebuild builds once more what was built before, once", async () => {
  const key = await opened();
  const built = () => small.builder.requests.map(({ fresh }) => fresh);
  expect(built()).toEqual([false]);
  expect(await say(key, "/preview rebuild hello")).toEqual(did);
  expect(built()).toEqual([false, true]);
  expect(await phase(key)).toBe("Ready");
  expect(await small.comment(key)).toContain("| `hello` | built |");
  await say(key, "/preview deploy");
  await small.github.push(key);
  await small.look(key);
  expect(built()).toEqual([false, true]);
  expect(await answers(key)).toEqual([]);
});

test("rebuild is done in the end, wherever the first try is stopped", async () => {
  const key = await opened();
  small.clock.jump(2_000);
  await small.github.say(key, "/preview rebuild", "maintainer");
  await obey(world, key, signal);
  const stopped = new AbortController();
  const { builder } = small.world;
  const working: World = {
    ...small.world,
    builder: {
      build: async (...given) => {
        await builder.build(...given);
        stopped.abort();
        throw new Error("killed");
      },
    },
  };
  await reconcile(working, key, stopped.signal, () => undefined);
  expect(await phase(key)).toBe("Building");
  // What was pushed meanwhile has to be new as well.
  await small.github.push(key);
  await small.look(key);
  expect(await phase(key)).toBe("Ready");
  expect(small.builder.requests.map(({ fresh }) => fresh)).toEqual([false, true, true]);
});

test("rebuild --data makes all anew, once, and says so", async () => {
  const key = await opened();
  const { namespace = "" } = (await small.record(key)).status;
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" } };
  small.kubernetes.put(namespace, claim);
  expect(await say(key, "/preview rebuild --data")).toEqual(did);
  expect(small.kubernetes.namespace(namespace).objects.has("PersistentVolumeClaim/data")).toBe(false);
  expect((await small.record(key)).status.release?.revision).toBe(1);
  expect(await small.comment(key)).toContain("its volumes began empty");
  small.kubernetes.put(namespace, claim);
  await say(key, "/preview deploy");
  expect(small.kubernetes.namespace(namespace).objects.has("PersistentVolumeClaim/data")).toBe(true);
  expect(await small.comment(key)).not.toContain("its volumes began empty");
});

test("rebuild wakes what sleeps, leaves alone what was stopped, and knows the images", async () => {
  const key = await opened();
  await say(key, "/preview sleep");
  expect(await say(key, "/preview rebuild")).toEqual(did);
  expect(await phase(key)).toBe("Ready");
  expect(await say(key, "/preview rebuild helo")).toEqual(didNot);
  expect((await answers(key))[0]).toContain("there is no image `helo`. Did you mean `hello`?");
  await say(key, "/preview stop");
  expect(await say(key, "/preview rebuild")).toEqual(didNot);
  expect((await answers(key))[1]).toContain("this preview is stopped. Write `/preview deploy` first");
  expect(await phase(key)).toBe("Held");
  expect(await say(key, "/preview deploy\n/preview rebuild")).toEqual(did);
  expect(small.builder.requests).toHaveLength(3);
});
