import type { TestFiles } from "../contract/git-server.ts";

/** What a commit holds: how far it gets, and whether it changes the image. */
export const contents = ["works", "works, new image", "does not build", "does not start", "has a mistake"] as const;
export type Content = (typeof contents)[number];

/** How a commit's preview ends, and with which failure. */
export const outcomeOf: Record<Content, { phase: "Ready" } | { phase: "Failed"; code: string }> = {
  works: { phase: "Ready" },
  "works, new image": { phase: "Ready" },
  "does not build": { phase: "Failed", code: "dockerfile-step-failed" },
  "does not start": { phase: "Failed", code: "job-failed" },
  "has a mistake": { phase: "Failed", code: "config-invalid" },
};

const chart: TestFiles = {
  "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
  "chart/values.yaml": "commit: none\n",
  "chart/templates/migrate.yaml": `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: "pre-install,pre-upgrade"}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: shop, command: [migrate]}]}}}
`,
  "chart/templates/web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: shop}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`,
  "chart/templates/nightly.yaml": `apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "@daily"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: nightly, image: shop}]}}}}
`,
};

const brokenJob = `apiVersion: batch/v1
kind: Job
metadata: {name: seed}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: seed, image: shop, command: [exit 3]}]}}}
`;

/** The greenroom.yaml of the base branch, which counts for what has to be approved. */
export const baseConfig =
  "chart: {path: chart}\nimages: [{name: shop, context: .}]\nexpose: [{name: web, service: web, port: 80}]\n";

/** The files of a commit. `tag` makes an image that no other commit has. */
export function filesOf(content: Content, tag: string): TestFiles {
  return {
    ...chart,
    Dockerfile: `FROM busybox:1.37\nCOPY page /page\n${content === "does not build" ? "RUN exit 3\n" : ""}`,
    page: content === "works, new image" ? tag : "hello",
    ...(content === "does not start" ? { "chart/templates/seed.yaml": brokenJob } : {}),
    "greenroom.yaml": content === "has a mistake" ? "charts: {path: chart}\n" : baseConfig,
  };
}
