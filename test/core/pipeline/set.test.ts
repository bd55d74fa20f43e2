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
  ({ small, say, answers, opened, phase } = converse());
});
afterEach(() => {
  small.checkouts.close();
});

const config = [
  "chart: {path: chart, values: {commit: '${set.LEVEL}'}}",
  "set: {LEVEL: {default: info, values: [info, debug]}, COUNT: {default: 1}}",
  "images: [{name: hello, context: .}]",
  "expose: [{name: web, service: hello, port: 80}]",
  "",
].join("\n");
const template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: level}\ndata: {level: {{ .Values.commit }}}\n";

async function declaring(): Promise<PreviewKey> {
  const key = await opened();
  small.contents.set(await small.github.push(key), {
    ...files,
    "greenroom.yaml": config,
    "chart/templates/level.yaml": template,
  });
  await small.look(key);
  return key;
}

async function level(key: PreviewKey): Promise<unknown> {
  const { namespace = "" } = (await small.record(key)).status;
  return small.kubernetes.namespace(namespace).objects.get("ConfigMap/level")?.["data"];
}

test("set and unset change what the chart is given, and the comment says so", async () => {
  const key = await declaring();
  expect(await level(key)).toEqual({ level: "info" });
  expect(await say(key, "/preview set LEVEL=debug")).toEqual(did);
  expect(await level(key)).toEqual({ level: "debug" });
  expect(await small.comment(key)).toContain("Set by command: `LEVEL=debug`.");
  expect(await say(key, "/preview unset LEVEL")).toEqual(did);
  expect(await level(key)).toEqual({ level: "info" });
  expect(await small.comment(key)).not.toContain("Set by command");
  expect((await small.record(key)).spec.overrides).toBeUndefined();
  await say(key, "/preview set COUNT=3\n/preview status");
  const [answer = ""] = await answers(key);
  expect(answer).toContain("- `LEVEL=info`\n");
  expect(answer).toContain("- `COUNT=3`, set by command\n");
});

test("what was set outlives a push, and is left out where it is not declared any more", async () => {
  const key = await declaring();
  await say(key, "/preview set LEVEL=debug COUNT=2");
  small.contents.set(await small.github.push(key), {
    ...files,
    "greenroom.yaml": config.replace(", COUNT: {default: 1}", ""),
    "chart/templates/level.yaml": template,
  });
  await small.look(key);
  expect(await level(key)).toEqual({ level: "debug" });
  expect(await small.comment(key)).toContain("not what greenroom.yaml allows now: `COUNT=2`.");
});

test("nothing is set that is not declared, or not allowed", async () => {
  const key = await declaring();
  for (const [said, answer] of [
    ["LEVLE=debug", "Did you mean `LEVEL`?"],
    ["LEVEL=loud", "`LEVEL` must be one of `info` and `debug`, not `loud`."],
    ["LEVEL=debug COUNT=many", "`COUNT` must be a number, not `many`."],
  ] as const) {
    expect(await say(key, `/preview set ${said}`)).toEqual(didNot);
    expect((await answers(key)).at(-1)).toContain(answer);
  }
  expect(await say(key, "/preview unset LVEL")).toEqual(didNot);
  expect((await small.record(key)).spec.overrides).toBeUndefined();
  expect(await level(key)).toEqual({ level: "info" });
});

test("a stopped preview remembers it, and a sleeping one wakes up with it", async () => {
  const key = await declaring();
  await say(key, "/preview stop");
  expect(await say(key, "/preview set LEVEL=debug")).toEqual(did);
  expect(await phase(key)).toBe("Held");
  await say(key, "/preview deploy");
  expect(await level(key)).toEqual({ level: "debug" });
  await say(key, "/preview sleep");
  await say(key, "/preview set LEVEL=info");
  expect(await phase(key)).toBe("Ready");
  expect(await level(key)).toEqual({ level: "info" });
});

test("before anything is known of greenroom.yaml, nothing can be set", async () => {
  const key = await opened(true);
  expect(await say(key, "/preview set LEVEL=debug")).toEqual(didNot);
  expect((await answers(key))[0]).toContain("it is not known yet which values greenroom.yaml declares");
});
