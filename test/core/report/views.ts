import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";
import type { ReportView } from "../../../src/report/report-view.ts";

export const head = `3f2a9c1${"0".repeat(33)}`;
const before = `9b8c7d6${"0".repeat(33)}`;

const digest = `sha256:${"a".repeat(64)}`;
const images: PreviewStatus["images"] = [
  { name: "shop-web", reference: "registry.example/greenroom/42/shop-web:1", digest, outcome: "built", seconds: 14.2 },
  { name: "shop-api", reference: "registry.example/greenroom/42/shop-api:1", digest, outcome: "reused", seconds: 0 },
];
const urls: PreviewStatus["urls"] = [
  { name: "web", host: "12-shop.preview.example", url: "https://12-shop.preview.example", service: "web", port: 80 },
  {
    name: "api",
    host: "api--12-shop.preview.example",
    url: "https://api--12-shop.preview.example",
    service: "api",
    port: 80,
  },
];
const stages: PreviewStatus["stages"] = [
  { name: "prepare", seconds: 0.42 },
  { name: "checkout", seconds: 1.1 },
  { name: "render", seconds: 0.31 },
  { name: "build", seconds: 14.6 },
  { name: "release", seconds: 1.94 },
  { name: "start", seconds: 3.2 },
];

export function view(status: PreviewStatus, rest: Partial<ReportView> = {}): ReportView {
  const preview: Preview = {
    name: "12-shop",
    uid: "0b0c",
    resourceVersion: "1",
    createdAt: "2026-11-23T10:00:00Z",
    deleting: false,
    spec: {
      repository: { id: 42, nodeId: "R_1", fullName: "acme/shop" },
      pullRequest: 12,
      installation: 7,
      want: "running",
    },
    status: { observedCommit: head, ...status },
  };
  return {
    preview,
    pullRequest: { owner: "acme", repository: "shop", repositoryId: 42, number: 12, commit: head },
    address: "https://12-shop.preview.example",
    ...rest,
  };
}

const crash: PreviewStatus["failure"] = {
  kind: "user",
  code: "crash",
  what: "`api` exits with code 1 before it is ready: `Error: DATABASE_URL is not set`. `Deployment/api` sets no `DATABASE_URL`.",
  remedy: "Add `DATABASE_URL` under `env:` of the container in the chart.",
  evidence: "starting api 1.4.0\nError: DATABASE_URL is not set\n    at connect (/app/db.js:12:9)",
};
const finalizer: PreviewStatus["failure"] = {
  kind: "transient",
  code: "namespace-held",
  what: "The namespace `preview-12-shop` cannot be deleted: the finalizer `acme.example/backup` of `ConfigMap/web` holds it",
  remedy: "Let whatever set the finalizer finish, or take it off by hand; Greenroom goes on by itself then.",
};
const warned = { expiresAt: "2026-11-26T10:00:00Z", warnedFor: "2026-11-26T10:00:00Z" };

/** One view for each state that a person may see. */
export const states: Record<string, ReportView> = {
  "held-fork": view({
    phase: "Held",
    reason: "This pull request comes from a fork. Nothing of this commit has been read, built or run.",
    remedy: `After reviewing the code, someone with write permission on acme/shop can let this commit run: \`/preview approve ${head}\`.`,
  }),
  "not-made": view({
    phase: "Held",
    unwanted: { onRequest: true, silent: false },
    reason: "Previews of this repository are made on request.",
    remedy: "To have one, write `/preview deploy`.",
  }),
  new: view({}),
  waiting: view({ phase: "Waiting", reason: "the registry did not answer; it is tried again" }),
  building: view({
    phase: "Building",
    urls,
    images: [
      { name: "shop-web", reference: "registry.example/greenroom/42/shop-web:1", outcome: "building" },
      { name: "shop-worker", reference: "registry.example/greenroom/42/shop-worker:1", outcome: "pending" },
      {
        name: "shop-api",
        reference: "registry.example/greenroom/42/shop-api:1",
        digest,
        outcome: "reused",
        seconds: 0,
      },
    ],
  }),
  deploying: view({
    phase: "Deploying",
    urls,
    images,
    notices: [
      "`NetworkPolicy/web` is left out: Greenroom sets the preview's own, which a further one could only open.",
    ],
  }),
  ready: view({
    phase: "Ready",
    deployedCommit: head,
    urls,
    images,
    stages,
    startedAt: "2026-11-23T10:00:00Z",
    readyAt: "2026-11-23T10:00:22.4Z",
    notices: ["Image `shop-docs` was built, but no container uses it."],
  }),
  "ready-without-images": view(
    { phase: "Ready", urls: urls.slice(0, 1) },
    { links: { page: "https://greenroom.example/12-shop", log: "https://greenroom.example/12-shop/log" } },
  ),
  failing: view({
    phase: "Failing",
    urls,
    images,
    failure: {
      ...crash,
      what: "`api` exits with code 7 after it was ready: `Error: lost the connection`.",
      remedy: "Correct what its last lines say.",
      evidence: "serving on 8080\nError: lost the connection\n    at Socket.close (/app/db.js:31:5)",
    },
  }),
  "failed-build": view({
    phase: "Failed",
    images: [
      { name: "shop-web", reference: "registry.example/greenroom/42/shop-web:1", outcome: "failed", seconds: 3.1 },
    ],
    stages: stages.slice(0, 3),
    failure: {
      kind: "user",
      code: "dockerfile-step-failed",
      what: "`RUN npm run build` fails with exit code 2.",
      where: { file: "web/Dockerfile", line: 7 },
      remedy: "Correct what its last lines say.",
      evidence: "> tsc\nsrc/main.ts(3,1): error TS2304: Cannot find name 'foo'.",
    },
  }),
  "failed-start": view({ phase: "Failed", images, stages, deployedCommit: before, failure: crash }),
  "failed-guard": view({
    phase: "Failed",
    stages: stages.slice(0, 2),
    failure: {
      kind: "user",
      code: "guard-refused",
      what: "`Deployment/hello` mounts a directory of its node (`hostPath`): `spec.template.spec.volumes[logs].hostPath` is not allowed in a preview.",
      where: { file: "chart/templates/deployment.yaml" },
      remedy: "Use `emptyDir`, a ConfigMap or a PersistentVolumeClaim.",
    },
  }),
  "failed-by-us": view({
    phase: "Failed",
    failure: {
      kind: "bug",
      code: "unexpected",
      what: "Greenroom ran into an error that it did not expect.",
      remedy: "Nothing in this pull request has to change. The operator finds the details in Greenroom's log.",
    },
  }),
  "waiting-in-line": view({
    phase: "Waiting",
    reason: "As many pull requests of this repository are being built or deployed as the operator allows at once (4).",
    waitingSince: "2026-11-23T10:00:00Z",
    place: 3,
  }),
  "waiting-for-another-try": view({
    phase: "Waiting",
    reason: "GitHub does not answer. Tried 4 times; the next try follows within 8 s.",
    retries: 4,
  }),
  expired: view({
    phase: "Held",
    reason: "Nobody has used this preview for 72 hours, so it was removed.",
    remedy: "Push a commit or write `/preview deploy` to have it back.",
    expiresAt: "2026-11-26T10:00:00Z",
  }),
  stopped: stopped(),
  "ready-warned": view(
    { phase: "Ready", urls: urls.slice(0, 1), deployedCommit: head, ...warned },
    { unused: "remove" },
  ),
  "failing-warned": view(
    { phase: "Failing", urls: urls.slice(0, 1), deployedCommit: head, failure: crash, ...warned },
    { unused: "sleep" },
  ),
  asleep: view({ phase: "Asleep", deployedCommit: head, urls, asleep: sleeping("idle") }),
  "asleep-for-another": view({ phase: "Asleep", deployedCommit: head, urls, asleep: sleeping("room") }),
  "asleep-as-asked": view({ phase: "Asleep", deployedCommit: head, urls, asleep: sleeping("asked") }),
  removing: view({ phase: "Removing", reason: "merged" }),
  "removing-held": view({ phase: "Removing", reason: "merged", failure: finalizer }),
  "held-not-gone": view({
    phase: "Held",
    namespace: "preview-12-shop",
    reason: "This pull request comes from a fork. Nothing of it has been read, built or run.",
    remedy: "Someone with write permission can push its commits to a branch of this repository.",
    failure: finalizer,
  }),
  removed: view({ phase: "Removing", reason: "merged" }, { removed: { seconds: 3.42 } }),
};

function sleeping(because: "asked" | "idle" | "room"): PreviewStatus["asleep"] {
  return { since: "2026-11-23T10:00:00Z", because, workloads: [] };
}

function stopped(): ReportView {
  const held = view({
    phase: "Held",
    reason: "Somebody stopped this preview.",
    remedy: "Write `/preview deploy` to have it back.",
  });
  return { ...held, preview: { ...held.preview, spec: { ...held.preview.spec, want: "stopped" } } };
}
