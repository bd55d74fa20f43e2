/** Where the log is that explains a suspect. `previous`: of the container before its last restart. */
export type LogSource = { pod: string; container: string; previous: boolean };

/** In which way something failed, with what the cluster said about it. */
export type Cause =
  /** The API server refused to create the pods: quota, Pod Security, a missing service account. */
  | { is: "create-refused"; message: string }
  | { is: "image-pull"; image: string; message: string }
  /** The kubelet cannot make the container: a missing ConfigMap, Secret or key; a user that is not allowed. */
  | { is: "container-config"; message: string }
  /** The container's program could not be started at all. */
  | { is: "cannot-run"; message: string }
  | { is: "crash"; exitCode: number; exits: number; signal: string | undefined; when: "before-ready" | "after-ready" }
  /** Killed by the kubelet because its liveness or startup probe failed. */
  | { is: "probe-killed"; probe: "livenessProbe" | "startupProbe"; message: string }
  | { is: "out-of-memory"; limit: string | undefined }
  | { is: "job-failed"; reason: string; message: string; exitCode: number | undefined }
  | { is: "pod-failed"; reason: string; message: string }
  /** A broken pod of the last revision keeps its StatefulSet from going on to this one. */
  | { is: "stuck-update"; pod: string }
  | { is: "unschedulable"; message: string }
  | { is: "claim-unbound"; message: string }
  | { is: "volume"; message: string }
  /** The node could not give the pod its network. */
  | { is: "sandbox"; message: string }
  /** The time is up. `probe` is the last answer to the probe of the container that is not ready. */
  | { is: "deadline"; seconds: number; waitingFor: string[]; probe: string | undefined };

/** What keeps the preview from working. */
export type Suspect = {
  /** The object of the chart it is about, `Deployment/api`. */
  object: string;
  pod?: string;
  container?: string;
  /** Whether the container is one that runs before the others. */
  init?: boolean;
  cause: Cause;
  log?: LogSource;
};
