import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What holds a version of the sample up, each at a stage of its own. */
export type Slow = {
  /** Seconds that its image takes to build, besides what it takes anyway. */
  buildSeconds?: number;
  /** Address of a gate that its hook waits at. */
  hook?: string;
  /** Address of a gate that its container is ready behind. */
  ready?: string;
};

const security = `{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}`;

/** A Job before every release that ends when its gate is open, and at once without one. */
function hook(gate: string | undefined): string {
  const wait = gate === undefined ? "true" : `until wget -q -O /dev/null ${gate}; do sleep 0.2; done`;
  return `apiVersion: batch/v1
kind: Job
metadata:
  name: prepare
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: prepare
          image: busybox:1.37
          command: [sh, -c, "${wait}"]
          securityContext: ${security}
`;
}

function deployment(gate: string | undefined): string {
  const probe =
    gate === undefined ? "httpGet: {path: /, port: 8080}" : `exec: {command: [wget, -q, -O, /dev/null, "${gate}"]}`;
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  replicas: 1
  selector: {matchLabels: {app.kubernetes.io/name: hello}}
  template:
    metadata: {labels: {app.kubernetes.io/name: hello}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      securityContext: {runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: hello
          image: {{ .Values.image | quote }}
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {${probe}, periodSeconds: 1, timeoutSeconds: 2}
          securityContext: ${security}
`;
}

/** Writes a version of `hello` with this page, and with what holds it up. */
export function version(page: string, slow: Slow = {}): (directory: string) => Promise<void> {
  const sleep = slow.buildSeconds === undefined ? "" : `RUN sleep ${slow.buildSeconds}\n`;
  const dockerfile = `FROM busybox:1.37
COPY index.html /www/
${sleep}USER 65534:65534
EXPOSE 8080
CMD ["busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
`;
  return async (directory) => {
    await Promise.all([
      writeFile(join(directory, "index.html"), `<!doctype html><title>Hello</title><p>${page}</p>\n`),
      writeFile(join(directory, "Dockerfile"), dockerfile),
      writeFile(join(directory, "chart/templates/prepare.yaml"), hook(slow.hook)),
      writeFile(join(directory, "chart/templates/deployment.yaml"), deployment(slow.ready)),
    ]);
  };
}
