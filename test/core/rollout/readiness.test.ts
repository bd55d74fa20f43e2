import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/objects/read.ts";
import {
  crashLoop,
  deployment,
  event,
  exited,
  object,
  pod,
  replicaSet,
  rollout,
  running,
  time,
  unready,
  view,
  waiting,
} from "./cluster.ts";

import { judge, ready } from "./judge.ts";

const failed = (is: string) => ({ state: "failed", suspect: { object: "Deployment/web", cause: { is } } });
const notFound =
  'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/busybox:0.0": docker.io/library/busybox:0.0: not found';
const pulls = (reason: string, message: string) => ({ containerStatuses: [waiting(reason, message)] });

const log = (status: Json) => {
  const judged = judge(rollout({ containerStatuses: [status] }), 70);
  return judged.state === "failed" ? judged.suspect.log : undefined;
};

describe("the deadline", () => {
  test("names what is still waited for, and the probe that fails", () => {
    const unhealthy = event(
      "Pod/web-2-abcde",
      "Unhealthy",
      "Readiness probe failed: HTTP probe failed with statuscode: 404",
    );
    expect(judge(rollout({ containerStatuses: [running(false)] }, [unhealthy]), 300)).toEqual({
      state: "failed",
      suspect: {
        object: "Deployment/web",
        pod: "web-2-abcde",
        container: "web",
        init: false,
        cause: {
          is: "deadline",
          seconds: 300,
          waitingFor: ["1 pod of Deployment/web to be ready"],
          probe: "Readiness probe failed: HTTP probe failed with statuscode: 404",
        },
        log: { pod: "web-2-abcde", container: "web", previous: false },
      },
    });
  });

  test("names what never came", () => {
    expect(judge(view([]), 300)).toMatchObject({
      state: "failed",
      suspect: { object: "Deployment/web", cause: { is: "deadline", waitingFor: ["Deployment/web to be created"] } },
    });
  });

  test("does not come before its time, and what is ready by then is ready", () => {
    expect(judge(view([]), 299)).toMatchObject({ state: "waiting" });
    expect(judge(view([deployment()]), 300)).toEqual(ready);
  });
});

test("a crash loop is not hidden by another pod that is fine", () => {
  const fine = pod("ReplicaSet/web-2", {}, { name: "web-2-fine" });
  const bad = pod("ReplicaSet/web-2", { containerStatuses: [crashLoop(1, 3)] });
  expect(
    judge(view([deployment({ availableReplicas: 1, readyReplicas: 1 }, { replicas: 2 }), replicaSet(2), fine, bad])),
  ).toMatchObject(failed("crash"));
});

test("the log of a crash is that of the run that ended", () => {
  expect(log(exited(1, 3))).toEqual({ pod: "web-2-abcde", container: "web", previous: false });
  expect(log(running(false, { restartCount: 3, lastState: exited(1, 3)["state"] }))).toEqual({
    pod: "web-2-abcde",
    container: "web",
    previous: true,
  });
});

const startedAgain = (lastRun: number) =>
  running(true, {
    restartCount: 1,
    state: { running: { startedAt: time(20) } },
    lastState: { terminated: { exitCode: 1, startedAt: time(10), finishedAt: time(10 + lastRun) } },
  });

describe("a container without a readiness probe", () => {
  const bare = { containers: [{ name: "web", image: "i" }] };
  const complete = (status: Json) =>
    view([
      deployment(),
      replicaSet(2),
      pod("ReplicaSet/web-2", { phase: "Running", containerStatuses: [status] }, { spec: bare }),
    ]);

  test.each<[string, Json, number, string]>([
    ["has just started", running(), 2, "waiting"],
    ["has run for two seconds", running(), 3, "ready"],
    ["has crashed and started again", startedAgain(1), 23, "waiting"],
    ["has run for longer than before it crashed", startedAgain(1), 24, "ready"],
    ["had run for long before it crashed", startedAgain(9), 31, "waiting"],
    ["had run for long, and does so again", startedAgain(9), 32, "ready"],
    ["has ended, and its Deployment does not know yet", exited(1, 1), 21, "waiting"],
  ])("that %s", (_, status, seconds, state) => {
    expect(judge(complete(status), seconds)).toMatchObject({ state });
  });

  test("and was evicted has been replaced", () => {
    const evicted = pod(
      "ReplicaSet/web-2",
      { phase: "Failed", reason: "Evicted", containerStatuses: [] },
      { name: "gone" },
    );
    expect(judge(view([deployment(), replicaSet(2), pod("ReplicaSet/web-2"), evicted]))).toEqual(ready);
  });

  test("need not be believed where there is a probe", () => {
    const probed = pod("ReplicaSet/web-2", { phase: "Running", containerStatuses: [startedAgain(9)] });
    expect(judge(view([deployment(), replicaSet(2), probed]), 21)).toEqual(ready);
  });
});

describe("properties", () => {
  const status = fc.constantFrom<Json>(
    running(),
    running(false),
    exited(1, 1),
    crashLoop(1, 2),
    crashLoop(1, 9),
    waiting("ContainerCreating"),
    pulls("ErrImagePull", notFound).containerStatuses[0] ?? {},
  );
  const anyPod = fc
    .tuple(status, fc.constantFrom(1, 2), fc.boolean(), fc.nat(99))
    .map(([container, revision, deleting, id]) =>
      pod(
        `ReplicaSet/web-${revision}`,
        { containerStatuses: [container] },
        { name: `web-${revision}-${id}`, deleting },
      ),
    );
  const anyView = fc
    .tuple(fc.array(anyPod, { maxLength: 5 }), fc.boolean())
    .map(([pods, complete]) => view([deployment(complete ? {} : unready), replicaSet(1), replicaSet(2), ...pods]));

  test("only the newest revision's pods decide", () => {
    fc.assert(
      fc.property(anyView, fc.integer({ min: 0, max: 299 }), (cluster, seconds) => {
        const newest = cluster.objects.filter(
          ({ kind, metadata }) =>
            kind !== "Pod" || (metadata.name.startsWith("web-2") && metadata.deletionTimestamp === undefined),
        );
        expect(judge(cluster, seconds)).toEqual(judge({ ...cluster, objects: newest }, seconds));
      }),
    );
  });

  test("a failure stays one as time goes on, and at the deadline nothing waits", () => {
    fc.assert(
      fc.property(
        anyView,
        fc.integer({ min: 0, max: 299 }),
        fc.integer({ min: 0, max: 100 }),
        (cluster, seconds, more) => {
          const first = judge(cluster, seconds).state;
          const later = judge(cluster, seconds + more).state;
          expect(first === "waiting" || first === later).toBe(true);
          expect(judge(cluster, 300).state).not.toBe("waiting");
        },
      ),
    );
  });

  test("whatever the objects hold, it does not throw", () => {
    const kinds = [
      "Deployment",
      "StatefulSet",
      "DaemonSet",
      "ReplicaSet",
      "Job",
      "Pod",
      "Service",
      "PersistentVolumeClaim",
    ];
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...kinds), json, json), { maxLength: 4 }), (raw) => {
        const objects = raw.map(([kind, spec, state]) => object("v1", kind, "a", { spec, status: state }));
        expect(["ready", "waiting", "failed"]).toContain(judge(view(objects), 20, objects).state);
      }),
    );
  });
});
