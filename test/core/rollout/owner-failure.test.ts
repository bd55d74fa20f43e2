import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import { deployment, event, object, replicaSet, rollout, time, unready, view } from "./cluster.ts";

import { judge } from "./judge.ts";

const claim = (phase = "Pending") => object("v1", "PersistentVolumeClaim", "data", { spec: {}, status: { phase } });
describe("pods that the API server refuses", () => {
  const message =
    'pods "web-2-x" is forbidden: exceeded quota: greenroom, requested: requests.cpu=64, used: requests.cpu=20m, limited: requests.cpu=4';
  const refused = (since: number) =>
    replicaSet(2, {
      status: {
        conditions: [
          { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message, lastTransitionTime: time(since) },
        ],
      },
    });
  const none = deployment({ replicas: 0, updatedReplicas: 0, ...unready });

  test.each<[string, number, string]>([
    ["at first", 12, "waiting"],
    ["still", 16, "failed"],
  ])("by the ReplicaSet's condition, %s", (_, seconds, state) => {
    expect(judge(view([none, refused(10)]), seconds)).toMatchObject({ state });
  });

  const set = object("apps/v1", "StatefulSet", "db", {
    spec: { replicas: 1 },
    status: { updateRevision: "a", currentRevision: "a" },
  });
  test.each<[string, [string, number][], string]>([
    ["an event", [["FailedCreate", 5]], "failed"],
    ["an event of an earlier attempt", [["FailedCreate", -60]], "waiting"],
    [
      "an event, and then it worked",
      [
        ["FailedCreate", 5],
        ["SuccessfulCreate", 6],
      ],
      "waiting",
    ],
    [
      "an event, after it had worked once",
      [
        ["SuccessfulCreate", 4],
        ["FailedCreate", 5],
      ],
      "failed",
    ],
  ])("%s of the StatefulSet", (_, events, state) => {
    const all = events.map(([reason, seconds]) => event("StatefulSet/db", reason, message, seconds));
    expect(judge(view([set], all), 20, [set])).toMatchObject({ state });
  });
});

describe("claims", () => {
  const volumes = [{ name: "d", persistentVolumeClaim: { claimName: "data" } }];
  const storageClass = 'storageclass.storage.k8s.io "fast" not found';

  test.each<[string, KubernetesObject, [string, string][], number, string]>([
    ["bound", claim("Bound"), [["ProvisioningFailed", "old trouble"]], 60, "ready"],
    [
      "waiting for its first pod",
      claim(),
      [["WaitForFirstConsumer", "waiting for first consumer to be created before binding"]],
      600,
      "ready",
    ],
    ["of a class that does not exist", claim(), [["ProvisioningFailed", storageClass]], 1, "failed"],
    [
      "of no class where there is no default",
      claim(),
      [["FailedBinding", "no persistent volumes available for this claim and no storage class is set"]],
      1,
      "failed",
    ],
    ["not provisioned, at first", claim(), [["ProvisioningFailed", "rpc error: deadline exceeded"]], 10, "ready"],
    ["not provisioned, still", claim(), [["ProvisioningFailed", "rpc error: deadline exceeded"]], 31, "failed"],
    ["being provisioned", claim(), [["ExternalProvisioning", "waiting"]], 60, "ready"],
    ["lost", claim("Lost"), [], 1, "failed"],
  ])("%s", (_, live, events, seconds, state) => {
    const all = events.map(([reason, message]) => event("PersistentVolumeClaim/data", reason, message));
    expect(judge(view([live], all), seconds, [claim()])).toMatchObject({ state });
  });

  test("a pod is explained by the claim it waits for", () => {
    const pending = {
      phase: "Pending",
      conditions: [
        {
          type: "PodScheduled",
          status: "False",
          reason: "Unschedulable",
          message: "pod has unbound immediate PersistentVolumeClaims",
          lastTransitionTime: time(1),
        },
      ],
    };
    const cluster = (events: [string, string][]) =>
      rollout(
        pending,
        events.map(([reason, message]) => event("PersistentVolumeClaim/data", reason, message)),
        [claim()],
        { volumes },
      );
    expect(judge(cluster([["ProvisioningFailed", storageClass]]))).toMatchObject({
      state: "failed",
      suspect: {
        object: "Deployment/web",
        cause: { is: "claim-unbound", message: `PersistentVolumeClaim/data: ${storageClass}` },
      },
    });
    expect(judge(cluster([]), 30)).toMatchObject({ state: "waiting" });
    expect(judge(cluster([]), 62)).toMatchObject({ state: "failed", suspect: { cause: { is: "claim-unbound" } } });
  });
});
