import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import type { ClusterEvent } from "../../../src/rollout/cluster-view.ts";
import { health } from "../../../src/rollout/health.ts";
import {
  at,
  crashLoop,
  deployment,
  event,
  exited,
  object,
  pod,
  replicaSet,
  running,
  time,
  unready,
  view,
  waiting,
} from "./cluster.ts";

/** Ready since 10. */
function judge(objects: KubernetesObject[], seconds: number, events: ClusterEvent[] = []) {
  return health(view(objects, events), { readyAt: at(10), now: at(seconds) });
}

const well = { state: "well" };
const around = (status: Record<string, unknown>, complete = true) => [
  deployment(complete ? {} : unready),
  replicaSet(2),
  pod("ReplicaSet/web-2", { phase: "Running", containerStatuses: [status] }),
];
const again = (startedAt: number, last: number) =>
  running(true, {
    restartCount: 1,
    state: { running: { startedAt: time(startedAt) } },
    lastState: exited(7, 1, last)["state"],
  });

describe("health after ready", () => {
  test.each<[string, KubernetesObject[], number, object]>([
    ["all run", around(running()), 20, well],
    ["one crashed before it was ready", around(again(9, 8)), 20, well],
    ["one has just ended", around(exited(7, 1, 13), false), 13, { state: "failing" }],
    ["one is backing off", around(crashLoop(7, 1, 13), false), 14, { state: "failing" }],
    ["one was started again a moment ago", around(again(14, 13)), 15, { state: "failing" }],
    ["one has run for a minute again", around(again(14, 13)), 74, well],
    [
      "a pod is being replaced",
      [
        deployment(unready),
        replicaSet(2),
        pod("ReplicaSet/web-2", { containerStatuses: [waiting("ContainerCreating")] }),
      ],
      20,
      well,
    ],
    [
      "a new pod finds no image",
      [
        deployment(unready),
        replicaSet(2),
        pod("ReplicaSet/web-2", { containerStatuses: [waiting("ErrImagePull", "not found")] }),
      ],
      20,
      { state: "failing", suspect: { cause: { is: "image-pull" } } },
    ],
    [
      "a pod of the last revision ends",
      [
        ...around(running()),
        replicaSet(1),
        pod("ReplicaSet/web-1", { containerStatuses: [exited(1, 1)] }, { name: "old" }),
      ],
      20,
      well,
    ],
    [
      "a pod was evicted and replaced",
      [
        ...around(running()),
        pod(
          "ReplicaSet/web-2",
          { phase: "Failed", reason: "Evicted", containerStatuses: [exited(137, 1, 15)] },
          { name: "gone" },
        ),
      ],
      20,
      well,
    ],
    [
      "a Job fails",
      [object("batch/v1", "Job", "nightly", { status: { conditions: [{ type: "Failed", status: "True" }] } })],
      20,
      well,
    ],
    [
      "a helm test pod failed",
      [
        object("v1", "Pod", "check", {
          metadata: { annotations: { "helm.sh/hook": "test" } },
          spec: { containers: [{ name: "web" }] },
          status: { phase: "Failed", containerStatuses: [exited(1, 1, 15)] },
        }),
      ],
      20,
      well,
    ],
  ])("%s", (_, objects, seconds, expected) => {
    expect(judge(objects, seconds)).toMatchObject(expected);
  });

  test("names what died, with its log", () => {
    expect(judge(around(again(14, 13)), 15)).toEqual({
      state: "failing",
      suspect: {
        object: "Deployment/web",
        pod: "web-2-abcde",
        container: "web",
        init: false,
        cause: { is: "crash", exitCode: 7, exits: 1, signal: undefined, when: "after-ready" },
        log: { pod: "web-2-abcde", container: "web", previous: true },
      },
    });
  });

  test("names the probe that had it killed, or the memory it ran out of", () => {
    const events = [
      event("Pod/web-2-abcde", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
      event("Pod/web-2-abcde", "Killing", "Container web failed liveness probe, will be restarted"),
    ];
    expect(judge(around(exited(137, 1, 13)), 13, events)).toMatchObject({
      suspect: {
        cause: { is: "probe-killed", probe: "livenessProbe", message: "HTTP probe failed with statuscode: 500" },
      },
    });
    expect(judge(around(exited(137, 1, 13, "OOMKilled")), 13)).toMatchObject({
      suspect: { cause: { is: "out-of-memory", limit: "32Mi" } },
    });
  });
});
