import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/objects/read.ts";
import type { ClusterView } from "../../../src/rollout/cluster-view.ts";
import { crashLoop, event, exited, rollout, running, time, waiting, pod } from "./cluster.ts";

import { judge } from "./judge.ts";

const failed = (is: string) => ({ state: "failed", suspect: { object: "Deployment/web", cause: { is } } });

const notFound =
  'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/busybox:0.0": docker.io/library/busybox:0.0: not found';
const timeout = 'failed to pull and unpack image "docker.io/library/busybox:1": dial tcp 192.0.2.1:443: i/o timeout';
const unauthorized =
  'failed to resolve reference "registry.example/web@sha256:00": failed with status code 401 Unauthorized';
const withEvents = (seen: ClusterView, reason: string): ClusterView => ({
  ...seen,
  events: seen.objects
    .filter((object) => object.kind === "Pod")
    .map(({ metadata }) => event(`Pod/${metadata.name}`, reason, "greenroom-registry")),
});
const pulls = (reason: string, message: string) => ({ containerStatuses: [waiting(reason, message)] });

/** Refused at 5 s and again at 15 s; the kubelet last missed the pull secret at the moment given. */
const secondTry = (unseenAt: number) =>
  rollout(pulls("ErrImagePull", unauthorized), [
    event("Pod/web-2-abcde", "FailedToRetrieveImagePullSecret", "(greenroom-registry)", unseenAt),
    event("Pod/web-2-abcde", "BackOff", 'Back-off pulling image "registry.example/web:1"', 6),
    event("Pod/web-2-abcde", "Pulling", 'Pulling image "registry.example/web:1"', 15),
    event("Pod/web-2-abcde", "Failed", 'Failed to pull image "registry.example/web:1": 401 Unauthorized', 15),
  ]);

const evicted = { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." };
const again = (name: string) => pod("ReplicaSet/web-2", evicted, { name });

describe("when waiting ends early, and when not", () => {
  const init = { initContainers: [{ name: "web", image: "i" }], containers: [{ name: "main", image: "i" }] };

  test.each<[string, ClusterView, number, string | undefined]>([
    ["an image that does not exist", rollout(pulls("ErrImagePull", notFound)), 2, "image-pull"],
    [
      "the same, backing off",
      rollout(pulls("ImagePullBackOff", `Back-off pulling image "busybox:0.0": ErrImagePull: ${notFound}`)),
      2,
      "image-pull",
    ],
    [
      "a name that is none",
      rollout(pulls("InvalidImageName", 'Failed to apply default image tag "web:": couldn\'t parse image name')),
      1,
      "image-pull",
    ],
    ["a pull without permission, once", rollout(pulls("ErrImagePull", unauthorized)), 12, undefined],
    [
      "a pull without permission, again",
      rollout(pulls("ErrImagePull", unauthorized), [
        event("Pod/web-2-abcde", "BackOff", 'Back-off pulling image "registry.example/web:1"'),
      ]),
      12,
      "image-pull",
    ],
    [
      "the same, before the kubelet sees the pull secret, as its event says",
      withEvents(rollout(pulls("ErrImagePull", unauthorized)), "FailedToRetrieveImagePullSecret"),
      2,
      undefined,
    ],
    [
      "the same, still",
      withEvents(rollout(pulls("ImagePullBackOff", unauthorized)), "FailedToRetrieveImagePullSecret"),
      26,
      undefined,
    ],
    [
      "the same, for a minute",
      withEvents(rollout(pulls("ImagePullBackOff", unauthorized)), "FailedToRetrieveImagePullSecret"),
      61,
      "image-pull",
    ],
    [
      "a pull secret of the chart's own that is not there",
      rollout(pulls("ImagePullBackOff", unauthorized), [
        event("Pod/web-2-abcde", "FailedToRetrieveImagePullSecret", "(regcred)"),
      ]),
      26,
      "image-pull",
    ],
    ["a second try that the kubelet made without the pull secret too", secondTry(15), 16, undefined],
    ["a second try that it made with the pull secret", secondTry(5), 16, "image-pull"],
    ["a registry out of reach, once", rollout(pulls("ErrImagePull", timeout)), 12, undefined],
    [
      "a registry out of reach, after backing off",
      rollout(pulls("ErrImagePull", timeout), [
        event("Pod/web-2-abcde", "BackOff", 'Back-off pulling image "registry.example/web:1"'),
      ]),
      14,
      "image-pull",
    ],
    [
      "another image backing off",
      rollout(pulls("ErrImagePull", timeout), [event("Pod/web-2-abcde", "BackOff", 'Back-off pulling image "redis"')]),
      14,
      undefined,
    ],
    ["a registry out of reach, again", rollout(pulls("ImagePullBackOff", timeout)), 26, "image-pull"],
    [
      "a missing ConfigMap, at first",
      rollout(pulls("CreateContainerConfigError", 'configmap "settings" not found')),
      4,
      undefined,
    ],
    [
      "a missing ConfigMap, still",
      rollout(pulls("CreateContainerConfigError", 'configmap "settings" not found')),
      11,
      "container-config",
    ],
    [
      "a user that may not be root",
      rollout(pulls("CreateContainerConfigError", "container has runAsNonRoot and image will run as root")),
      1,
      "container-config",
    ],
    ["a program that is not there", rollout({ containerStatuses: [exited(128, 1, 2, "StartError")] }), 3, "cannot-run"],
    ["the same, backing off", rollout({ containerStatuses: [crashLoop(128, 2, 2, "StartError")] }), 3, "cannot-run"],
    [
      "a container that cannot be made",
      rollout(pulls("CreateContainerError", "no command specified")),
      11,
      "cannot-run",
    ],
    ["one crash", rollout({ containerStatuses: [exited(1, 1)] }), 21, undefined],
    ["two crashes", rollout({ containerStatuses: [crashLoop(1, 2)] }), 21, undefined],
    [
      "two crashes and running again",
      rollout({ containerStatuses: [running(false, { restartCount: 2, lastState: crashLoop(1, 2)["lastState"] })] }),
      21,
      undefined,
    ],
    ["three crashes", rollout({ containerStatuses: [exited(1, 3)] }), 21, "crash"],
    ["three crashes, backing off", rollout({ containerStatuses: [crashLoop(1, 3)] }), 21, "crash"],
    [
      "three ends without an error, where it should run",
      rollout({ containerStatuses: [crashLoop(0, 3)] }),
      21,
      "crash",
    ],
    ["backing off for long", rollout({ containerStatuses: [crashLoop(1, 2, 20)] }), 66, "crash"],
    ["memory, once", rollout({ containerStatuses: [exited(137, 1, 20, "OOMKilled")] }), 21, undefined],
    ["memory, twice", rollout({ containerStatuses: [crashLoop(137, 2, 20, "OOMKilled")] }), 21, "out-of-memory"],
    [
      "an init container that crashes",
      rollout(
        {
          initContainerStatuses: [crashLoop(1, 3)],
          containerStatuses: [{ ...waiting("PodInitializing"), name: "main" }],
        },
        [],
        [],
        init,
      ),
      21,
      "crash",
    ],
    [
      "an init container that is done",
      rollout(
        { initContainerStatuses: [exited(0, 3)], containerStatuses: [{ ...waiting("PodInitializing"), name: "main" }] },
        [],
        [],
        init,
      ),
      21,
      undefined,
    ],
    ["no room, at first", rollout(unschedulable(5)), 12, undefined],
    ["no room, still", rollout(unschedulable(5)), 16, "unschedulable"],
    [
      "no room, and a node on its way",
      rollout(unschedulable(5), [event("Pod/web-2-abcde", "TriggeredScaleUp", "pod triggered scale-up")]),
      100,
      undefined,
    ],
    [
      "no room, and no node will come",
      rollout(unschedulable(5), [
        event("Pod/web-2-abcde", "TriggeredScaleUp", "", 6),
        event("Pod/web-2-abcde", "NotTriggerScaleUp", "", 9),
      ]),
      20,
      "unschedulable",
    ],
    ["a node that evicted it, once", rollout(evicted), 5, undefined],
    ["nodes that evict it again and again", rollout(evicted, [], [again("one"), again("two")]), 5, "pod-failed"],
    [
      "a missing mount, at first",
      rollout(pulls("ContainerCreating", ""), [
        event("Pod/web-2-abcde", "FailedMount", 'MountVolume.SetUp failed for volume "a" : configmap "b" not found'),
      ]),
      8,
      undefined,
    ],
    [
      "a missing mount, still",
      rollout(pulls("ContainerCreating", ""), [
        event("Pod/web-2-abcde", "FailedMount", 'MountVolume.SetUp failed for volume "a" : configmap "b" not found'),
      ]),
      16,
      "volume",
    ],
    [
      "a volume at another node",
      rollout(pulls("ContainerCreating", ""), [event("Pod/web-2-abcde", "FailedAttachVolume", "Multi-Attach error")]),
      30,
      undefined,
    ],
    [
      "a volume at another node, for a minute",
      rollout(pulls("ContainerCreating", ""), [event("Pod/web-2-abcde", "FailedAttachVolume", "Multi-Attach error")]),
      61,
      "volume",
    ],
    [
      "a network that is not set up",
      rollout(pulls("ContainerCreating", ""), [
        event("Pod/web-2-abcde", "FailedCreatePodSandBox", "no addresses left"),
      ]),
      61,
      "sandbox",
    ],
    [
      "the trouble of another pod",
      rollout(pulls("ContainerCreating", ""), [event("Pod/other", "FailedMount", "not found")]),
      61,
      undefined,
    ],
  ])("%s", (_, cluster, seconds, cause) => {
    expect(judge(cluster, seconds)).toMatchObject(cause === undefined ? { state: "waiting" } : failed(cause));
  });
});

function unschedulable(since: number): Json {
  const message =
    "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
  return {
    phase: "Pending",
    conditions: [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message, lastTransitionTime: time(since) },
    ],
  };
}
