import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import type { Json } from "../../../src/objects/read.ts";
import type { Failure } from "../../../src/preview/failure.ts";
import { diagnose } from "../../../src/rollout/diagnose.ts";
import type { Cause, Suspect } from "../../../src/rollout/suspect.ts";
import { deployment, pod, view } from "./cluster.ts";

const inContainer: Omit<Suspect, "cause"> = {
  object: "Deployment/web",
  pod: "web-2-abcde",
  container: "web",
  init: false,
};

export function explain(
  cause: Cause,
  rest: Partial<Suspect> = {},
  log = "",
  objects: KubernetesObject[] = [deployment(), pod("ReplicaSet/web-2")],
): Failure {
  return diagnose({ ...inContainer, cause, ...rest }, view(objects), log);
}

export type Row = [
  name: string,
  failure: Failure,
  code: string,
  what: string | RegExp,
  remedy: RegExp,
  kind?: Failure["kind"],
];

export const crash = (exitCode: number, rest: Json = {}): Cause => ({
  is: "crash",
  exitCode,
  exits: 3,
  signal: undefined,
  when: "before-ready",
  ...rest,
});
/** What a container, a pod or a Job does. */
export const rows: Row[] = [
  [
    "a crash with an unset variable",
    explain(crash(1), {}, "starting\nError: DATABASE_URL is not set\n    at main (/app/x.js:1:2)"),
    "crash",
    "`web` exits with code 1 before it is ready: `Error: DATABASE_URL is not set`. `Deployment/web` sets no `DATABASE_URL`.",
    /^Add `DATABASE_URL` under `env:`/,
  ],
  [
    "a crash over a variable that is set",
    explain(crash(1), {}, "Error: PORT_1 is required", [
      deployment({}, { spec: { containers: [{ name: "web", env: [{ name: "PORT_1" }] }] } }),
    ]),
    "crash",
    "`web` exits with code 1 before it is ready: `Error: PORT_1 is required`.",
    /last lines say\. It was started 3 times\.$/,
  ],
  [
    "a crash over a variable that may be set",
    explain(crash(1), {}, "Error: PORT_1 is required", [
      deployment({}, { spec: { containers: [{ name: "web", envFrom: [{}] }] } }),
    ]),
    "crash",
    /required`\.$/,
    /last lines/,
  ],
  [
    "a crash without a word",
    explain(crash(2)),
    "crash",
    "`web` exits with code 2 before it is ready.",
    /^It printed nothing\./,
  ],
  ["an end without an error", explain(crash(0)), "crash", /exits with code 0/, /has to keep running; use a Job/],
  [
    "a crash by a signal",
    explain(crash(139, { signal: "SIGSEGV" })),
    "crash",
    /is ended by SIGSEGV \(exit code 139\)/,
    /./,
  ],
  [
    "a crash of an init container",
    explain(crash(1), { container: "migrate", init: true }, "no such table"),
    "crash",
    "Init container `migrate` of `Deployment/web` exits with code 1 before the others can start: `no such table`.",
    /./,
  ],
  [
    "a crash after it was ready",
    explain(crash(7, { when: "after-ready" }), {}, "Error: lost the connection"),
    "crash",
    "`web` exits with code 7 after it was ready: `Error: lost the connection`.",
    /./,
  ],
  [
    "out of memory",
    explain({ is: "out-of-memory", limit: "32Mi" }),
    "out-of-memory",
    "`web` needs more memory than it may use, `32Mi`, and was killed (`OOMKilled`, exit code 137).",
    /limits\.memory/,
  ],
  [
    "a failing liveness probe",
    explain({ is: "probe-killed", probe: "livenessProbe", message: "HTTP probe failed with statuscode: 500" }),
    "probe-killed",
    "`web` is restarted again and again, because its `livenessProbe` fails (`pg_isready -q`): `HTTP probe failed with statuscode: 500`.",
    /startupProbe/,
  ],
  [
    "a failing startup probe",
    explain({ is: "probe-killed", probe: "startupProbe", message: "" }),
    "probe-killed",
    "`web` is restarted again and again, because its `startupProbe` fails (a connection to port `5432`).",
    /failureThreshold/,
  ],
  [
    "a failing readiness probe",
    explain({
      is: "deadline",
      seconds: 300,
      waitingFor: ["1 pod of Deployment/web to be ready"],
      probe: "Readiness probe failed: HTTP probe failed with statuscode: 404",
    }),
    "probe-fails",
    "After 300 s the preview still waits for 1 pod of Deployment/web to be ready: `web` runs, but its `readinessProbe` fails (`GET /healthz` on port `http`): `HTTP probe failed with statuscode: 404`.",
    /answer the probe/,
  ],
  [
    "the time is up",
    explain({ is: "deadline", seconds: 300, waitingFor: ["a", "b"], probe: undefined }),
    "not-ready-in-time",
    "After 300 s the preview still waits for a and b.",
    /more time/,
  ],
  [
    "an init container that does not end",
    explain(
      { is: "deadline", seconds: 90, waitingFor: ["1 pod of Deployment/web to be ready"], probe: undefined },
      { container: "wait", init: true },
      "waiting for queue:5672",
    ),
    "init-container-stuck",
    "After 90 s the preview still waits for 1 pod of Deployment/web to be ready. Init container `wait` of `Deployment/web` has not ended, and the pod's containers start only after it.",
    /what it waits for/,
  ],
  [
    "a program that is not there",
    explain({
      is: "cannot-run",
      message:
        'failed to create containerd task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown',
    }),
    "cannot-run",
    "`web` cannot be started: `serve` is not in the image.",
    /ENTRYPOINT/,
  ],
  [
    "a program that may not run",
    explain({ is: "cannot-run", message: 'exec: "/app/run.sh": permission denied: unknown' }),
    "cannot-run",
    "`web` cannot be started: `/app/run.sh` `permission denied`.",
    /executable/,
  ],
  [
    "a missing ConfigMap",
    explain({ is: "container-config", message: 'configmap "hello-settings" not found' }),
    "missing-reference",
    "`web` cannot start, because `ConfigMap/hello-settings` does not exist.",
    /^Bring `ConfigMap\/hello-settings`/,
  ],
  [
    "a missing Secret",
    explain({ is: "container-config", message: 'secret "db" not found' }),
    "missing-reference",
    /`Secret\/db` does not exist/,
    /optional/,
  ],
  [
    "a missing key",
    explain({ is: "container-config", message: "couldn't find key PASSWORD in Secret preview-12-shop/db" }),
    "missing-reference",
    "`web` cannot start, because `Secret/db` has no key `PASSWORD`.",
    /Add the key/,
  ],
  [
    "root where none may be",
    explain({ is: "container-config", message: "container has runAsNonRoot and image will run as root (pod: x)" }),
    "runs-as-root",
    /may not run as root/,
    /USER/,
  ],
  [
    "another configuration",
    explain({ is: "container-config", message: "odd" }),
    "container-config",
    /from its configuration/,
    /message names/,
  ],
  [
    "an evicted pod",
    explain({ is: "pod-failed", reason: "Evicted", message: "low on memory" }),
    "pod-failed",
    /was ended by its node: `Evicted`/,
    /less memory/,
  ],
  [
    "a stuck update",
    explain({ is: "stuck-update", pod: "db-0" }, { object: "StatefulSet/db" }),
    "stuck-update",
    /^`StatefulSet\/db` cannot go on to this commit: it waits until its pod `db-0`/,
    /Parallel/,
  ],
  [
    "a failed Job",
    explain(
      { is: "job-failed", reason: "BackoffLimitExceeded", message: "m", exitCode: 4 },
      { object: "Job/hello-prepare", container: "prepare" },
      "prepare: the greeting is empty\n",
    ),
    "job-failed",
    "`Job/hello-prepare` failed: `prepare` exits with code 4: `prepare: the greeting is empty`.",
    /last lines/,
  ],
  [
    "a failed Job without a log",
    diagnose(
      {
        object: "Job/x",
        cause: {
          is: "job-failed",
          reason: "BackoffLimitExceeded",
          message: "Job has reached the specified backoff limit",
          exitCode: undefined,
        },
      },
      view([]),
      "",
    ),
    "job-failed",
    "`Job/x` failed: its pod failed.",
    /left no log/,
  ],
  [
    "a Job out of time",
    diagnose(
      { object: "Job/x", cause: { is: "job-failed", reason: "DeadlineExceeded", message: "m", exitCode: undefined } },
      view([]),
      "",
    ),
    "job-failed",
    /activeDeadlineSeconds/,
    /more time/,
  ],
];
