import type { PreviewStatus } from "../../../src/preview/preview.ts";
import type { ReportView } from "../../../src/report/report-view.ts";
import { policyStates } from "./policy-states.ts";
import { head, states, view } from "./views.ts";

const before = `9b8c7d6${"0".repeat(33)}`;
const reference = "registry.example/greenroom/42/web:1";
const address = "https://12-shop.preview.example";
const urls: PreviewStatus["urls"] = [
  { name: "web", host: "12-shop.preview.example", url: address, service: "web", port: 80 },
];
const marker = "<!-- greenroom:preview 42/12 -->";

/** Everything that a pull request can write tries to be something else. */
const hostile: PreviewStatus = {
  phase: "Failed",
  images: [
    { name: "web|</td>`@octocat`", reference, outcome: "failed", seconds: 3 },
    { name: "</details><b>#12", reference, outcome: "cancelled" },
  ],
  notices: ["**Preview** · ready", "[click](https://evil.example) @acme/admins #12 https://evil.example"],
  failure: {
    kind: "user",
    code: "dockerfile-step-failed",
    what: `\`RUN echo @octocat\` fails: ${marker} @octocat <img src=x onerror=alert(1)>`,
    where: { file: "a`b|c/@octocat/Dockerfile", line: 3 },
    remedy: "</details> ![x](https://evil.example/x.png) GH-12 www.evil.example",
    evidence: `\`\`\`\n</details>\n${marker}\n**Preview** · ready\n@octocat\npassword=hunter2hunter2`,
  },
};

const longLog = Array.from({ length: 40_000 }, (_, line) => `line ${line}`).join("\n");

const url = "https://github.example/acme/shop/pull/12";

function onGitHub(state: ReportView): ReportView {
  return { ...state, pullRequest: { ...state.pullRequest, url } };
}

const stages: PreviewStatus["stages"] = [
  { name: "checkout", seconds: 1.1 },
  { name: "start", seconds: 3.2 },
];
const end = { expiresAt: "2026-11-30T10:00:00Z" };
const readyStatus: PreviewStatus = { phase: "Ready", urls, deployedCommit: head, stages, ...end };

function kept(): ReportView {
  const state = view(readyStatus, { unused: "remove", idleHours: 72 });
  const spec = { ...state.preview.spec, keepUntil: "2026-11-30T10:00:00.000Z" };
  return { ...state, preview: { ...state.preview, spec } };
}

/** Somebody went back to what an earlier commit made. */
function rolledBack(): ReportView {
  const state = onGitHub(view({ ...readyStatus, deployedCommit: before, previousCommit: before }));
  const pinned = { release: "preview", revision: 3, commit: before, head };
  return { ...state, preview: { ...state.preview, spec: { ...state.preview.spec, pinned } } };
}

/** The states of every day, and those in which there is more to tell or somebody means harm. */
export const allStates: Readonly<Record<string, ReportView>> = {
  ...states,
  ...policyStates,
  hostile: view(hostile),
  "ready-rolled-back": rolledBack(),
  "failed-with-endless-log": view({
    phase: "Failed",
    failure: {
      kind: "user",
      code: "job-failed",
      what: "`Job/migrate` fails.",
      remedy: "Correct what its last lines say.",
      evidence: longLog,
    },
  }),
  "building-after-another": onGitHub(
    view({
      phase: "Building",
      urls,
      deployedCommit: before,
      images: [{ name: "web", reference, outcome: "building" }],
    }),
  ),
  "failed-after-another": onGitHub(
    view({
      phase: "Failed",
      deployedCommit: before,
      failure: { kind: "user", code: "job-failed", what: "`Job/migrate` fails.", remedy: "Correct it." },
    }),
  ),
  "ready-after-another": onGitHub(
    view({
      ...readyStatus,
      startedAt: "2026-11-23T10:00:00Z",
      readyAt: "2026-11-23T10:00:17Z",
      previousCommit: before,
      images: [
        { name: "web", reference, outcome: "built", seconds: 12 },
        { name: "api", reference, outcome: "reused" },
      ],
    }),
  ),
  "ready-with-nothing-to-build": onGitHub(
    view({ ...readyStatus, previousCommit: before, images: [{ name: "web", reference, outcome: "reused" }] }),
  ),
  "ready-until-idle": view(readyStatus, { unused: "remove", idleHours: 72 }),
  "ready-until-asleep": view({ ...readyStatus, stages: [] }, { unused: "sleep", idleHours: 1 }),
  "ready-kept": kept(),
  "failed-build-of-several": view({
    phase: "Failed",
    observedCommit: head,
    images: [
      { name: "web", reference, outcome: "failed", seconds: 4 },
      { name: "api", reference, outcome: "cancelled" },
      { name: "docs", reference, outcome: "built", seconds: 131 },
    ],
    failure: {
      kind: "user",
      code: "dockerfile-step-failed",
      what: "`RUN npm ci` fails with exit code 1.",
      where: { file: "web/Dockerfile" },
      remedy: "Correct what its last lines say.",
    },
  }),
};
