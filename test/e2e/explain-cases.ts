import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import type { Json } from "../../src/objects/read.ts";

/** A way in which a workload fails, as the objects of a chart, and what the comment has to say of it. */
export type ExplainCase = { name: string; title: string; objects: KubernetesObject[]; says: string[] };

const image = "{{ .Values.image }}";
const resources = { requests: { cpu: "10m", memory: "8Mi" }, limits: { memory: "32Mi" } };
const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** The Deployment of the sample `hello`, with changes to its pod and its container. */
export function hello(container: Json = {}, pod: Json = {}): KubernetesObject {
  const labels = { "app.kubernetes.io/name": "hello" };
  const ports = [{ name: "http", containerPort: 8_080 }];
  const readinessProbe = { httpGet: { path: "/", port: "http" }, periodSeconds: 1 };
  const spec = {
    ...podSecurity,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "hello", image, ports, readinessProbe, resources, securityContext, ...container }],
    ...pod,
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "hello", labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

const podSecurity = {
  automountServiceAccountToken: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65_534,
    runAsGroup: 65_534,
    seccompProfile: { type: "RuntimeDefault" },
  },
};

const shell = (name: string, script: string): Json => ({
  name,
  image,
  command: ["busybox", "sh", "-c", script],
  resources,
  securityContext,
});

const claim: KubernetesObject = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "cache" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "fast-ssd",
    resources: { requests: { storage: "1Gi" } },
  },
};

const job: KubernetesObject = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "hello-seed" },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        ...podSecurity,
        restartPolicy: "Never",
        containers: [shell("seed", "echo 'seed: there is no table greetings' >&2; exit 3")],
      },
    },
  },
};

/** The cases that `test/repos/broken` does not have. `registry` is the host of one that refuses. */
export function explainCases(registry: string): ExplainCase[] {
  return [
    {
      name: "image-missing",
      title: "Take the words from a tag that is gone",
      objects: [
        hello(
          {},
          { initContainers: [{ name: "words", image: `${registry}/missing/words:1`, resources, securityContext }] },
        ),
      ],
      says: [
        `Init container \`words\` of \`Deployment/hello\` cannot start, because its image \`${registry}/missing/words:1\` does not exist.`,
        "Correct its name or tag in the chart or its values.",
      ],
    },
    {
      name: "image-unauthorized",
      title: "Take the words from the private registry",
      objects: [
        hello(
          {},
          { initContainers: [{ name: "words", image: `${registry}/private/words:1`, resources, securityContext }] },
        ),
      ],
      says: [
        `Init container \`words\` of \`Deployment/hello\` cannot start, because its image \`${registry}/private/words:1\` cannot be pulled: \`${registry}\` refuses it without permission, or there is no such repository.`,
        "Check the name first. For a private image bring a pull secret in the chart and name it in `imagePullSecrets`.",
      ],
    },
    {
      name: "image-rate-limited",
      title: "Take the words from the public registry",
      objects: [
        hello(
          {},
          { initContainers: [{ name: "words", image: `${registry}/limited/words:1`, resources, securityContext }] },
        ),
      ],
      says: [
        `Init container \`words\` of \`Deployment/hello\` cannot start, because its image \`${registry}/limited/words:1\` is not given out at the moment: \`${registry}\` limits how often it is asked.`,
        "Push again later. The operator can raise the limit with credentials or a mirror of the registry.",
      ],
    },
    {
      name: "liveness",
      title: "Restart the page when it hangs",
      objects: [
        hello({
          readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 1 },
          livenessProbe: { httpGet: { path: "/alive", port: "http" }, periodSeconds: 1, failureThreshold: 1 },
        }),
      ],
      says: [
        "`hello` is restarted again and again, because its `livenessProbe` fails (`GET /alive` on port `http`): `HTTP probe failed with statuscode: 404`.",
        "Let the program answer it, or give it time by a `startupProbe` or a longer `initialDelaySeconds`.",
      ],
    },
    {
      name: "no-cpu",
      title: "Render the page faster",
      objects: [hello({ resources: { requests: { cpu: "3500m", memory: "8Mi" }, limits: { memory: "32Mi" } } })],
      says: [
        "No node has room for a pod of `Deployment/hello`: not enough `cpu` (it asks for `3500m`).",
        "Ask for less under `resources.requests`, or wait until other previews are gone. The operator can add nodes.",
      ],
    },
    {
      name: "no-memory",
      title: "Keep every page in memory",
      objects: [hello({ resources: { requests: { cpu: "10m", memory: "7Gi" }, limits: { memory: "7Gi" } } })],
      says: [
        "No node has room for a pod of `Deployment/hello`: not enough `memory` (it asks for `7Gi`).",
        "Ask for less under `resources.requests`, or wait until other previews are gone. The operator can add nodes.",
      ],
    },
    {
      name: "claim-unbound",
      title: "Keep the cache on a fast disk",
      objects: [
        claim,
        hello(
          { volumeMounts: [{ name: "cache", mountPath: "/cache" }] },
          { volumes: [{ name: "cache", persistentVolumeClaim: { claimName: "cache" } }] },
        ),
      ],
      says: [
        "`PersistentVolumeClaim/cache` gets no volume: there is no StorageClass `fast-ssd`.",
        "Leave `storageClassName` out, so that the cluster's default is used, or name one that exists.",
      ],
    },
    {
      name: "job-fails",
      title: "Seed the greetings",
      objects: [hello(), job],
      says: [
        "`Job/hello-seed` failed: `seed` exits with code 3: `seed: there is no table greetings`.",
        "Correct what its last lines say.",
      ],
    },
    {
      name: "init-stuck",
      title: "Wait for the queue",
      objects: [hello({}, { initContainers: [shell("wait", "echo 'waiting for queue:5672'; exec sleep 3600")] })],
      says: [
        "the preview still waits for 1 pod of Deployment/hello to be ready. Init container `wait` of `Deployment/hello` has not ended, and the pod's containers start only after it.",
        "See in its last lines what it waits for, and bring that in the chart, or correct the name by which it asks for it.",
        "waiting for queue:5672",
      ],
    },
    {
      name: "missing-secret",
      title: "Take the greeting from a Secret",
      objects: [hello({ envFrom: [{ secretRef: { name: "hello-secrets" } }] })],
      says: [
        "`hello` cannot start, because `Secret/hello-secrets` does not exist.",
        "Bring `Secret/hello-secrets` in the chart, correct its name, or mark the reference `optional: true`.",
      ],
    },
    {
      name: "missing-mount",
      title: "Serve the page with TLS",
      objects: [
        hello(
          { volumeMounts: [{ name: "tls", mountPath: "/tls" }] },
          { volumes: [{ name: "tls", secret: { secretName: "hello-tls" } }] },
        ),
      ],
      says: [
        "`Deployment/hello` cannot start, because `Secret/hello-tls`, which it mounts, does not exist.",
        "Bring `Secret/hello-tls` in the chart, correct its name, or mark the volume `optional: true`.",
      ],
    },
  ];
}
