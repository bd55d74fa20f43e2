import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/objects/read.ts";
import { blockingPods } from "../../../src/rollout/blocking-pods.ts";
import { at, crashLoop, object, pod, running, time, view, waiting } from "./cluster.ts";

const set = (spec: Json = {}, status: Json = {}) =>
  object("apps/v1", "StatefulSet", "db", {
    spec: { replicas: 2, ...spec },
    status: { currentRevision: "a", updateRevision: "b", ...status },
  });
const member = (ordinal: number, revision: string, status: Json = {}) =>
  pod("StatefulSet/db", status, { name: `db-${ordinal}`, labels: { "controller-revision-hash": revision } });
const crashing = { containerStatuses: [crashLoop(1, 5)] };
const notReady = { phase: "Running", containerStatuses: [running(false)] };

const named = (objects: Parameters<typeof view>[0], seconds = 20) =>
  blockingPods([set()], view(objects), at(seconds)).map(({ pod: { metadata } }) => metadata.name);

describe("pods that keep a StatefulSet from its newest revision", () => {
  test("are of the last one, and will not be ready", () => {
    expect(named([set(), member(0, "a"), member(1, "a", crashing)])).toEqual(["db-1"]);
    const unpullable = { containerStatuses: [waiting("ImagePullBackOff", "not found")] };
    expect(named([set(), member(0, "a", unpullable)], 60)).toEqual(["db-0"]);
    const unschedulable = {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime: time(0) }],
    };
    expect(named([set(), member(0, "a", unschedulable)], 60)).toEqual(["db-0"]);
  });

  test("may also be those that merely are not ready, after half a minute", () => {
    expect(named([set(), member(0, "a", notReady)], 20)).toEqual([]);
    expect(named([set(), member(0, "a", notReady)], 40)).toEqual(["db-0"]);
  });

  test.each([
    ["one of the newest revision", [set(), member(0, "b", crashing)]],
    [
      "one that is being deleted",
      [set(), { ...member(0, "a", crashing), metadata: { name: "db-0", deletionTimestamp: time(9) } }],
    ],
    ["one of a template that did not change", [set({}, { updateRevision: "a" }), member(0, "a", crashing)]],
    ["one that is replaced however it is", [set({ podManagementPolicy: "Parallel" }), member(0, "a", crashing)]],
    ["one that only people replace", [set({ updateStrategy: { type: "OnDelete" } }), member(0, "a", crashing)]],
    [
      "one that is to stay as it is",
      [set({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } }), member(0, "a", crashing)],
    ],
    ["another one's", [set(), pod("StatefulSet/other", crashing, { name: "other-0" })]],
  ])("are not %s", (_, objects) => {
    expect(named(objects, 60)).toEqual([]);
  });
});
