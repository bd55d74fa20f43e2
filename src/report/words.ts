import type { ImageStatus, Phase, PreviewStatus, StageStatus } from "../preview/preview.ts";
import type { ReportView } from "./report-view.ts";

/** The state that reports tell of: the record's phase, or that everything is gone. */
export type State = Phase | "Removed";

export function stateOf({ preview, removed }: ReportView): State {
  return removed === undefined ? (preview.status.phase ?? "Waiting") : "Removed";
}

const words: Record<State, string> = {
  Held: "held",
  Waiting: "waiting",
  Building: "building",
  Deploying: "starting",
  Ready: "ready",
  Failing: "failing",
  Failed: "failed",
  Asleep: "asleep",
  Removing: "being removed",
  Removed: "removed",
};

/** Failures that are found in the rendered objects, before anything of them is started. */
const beforeStart = new Set(["guard-refused", "image-not-used", "image-path-invalid", "exposed-service"]);

/** Failures whose evidence is the end of a log; else it is what the cluster or a program answered. */
const logged = new Set([
  "crash",
  "out-of-memory",
  "probe-killed",
  "probe-fails",
  "not-ready-in-time",
  "job-failed",
  "stuck-update",
  "dockerfile-step-failed",
]);

/** What the evidence of a failure is called. */
export function evidenceWords(code: string): string {
  return logged.has(code) ? "Last lines" : "Details";
}

/** The state in a word or two, and for a failure where it happened: `failed while building api`. */
export function stateWords(view: ReportView): { state: string; image?: string } {
  const state = stateOf(view);
  if (state === "Held") return { state: heldWord(view) };
  if (state !== "Failed") return { state: words[state] };
  const { images = [], stages = [], failure } = view.preview.status;
  const image = images.find(({ outcome }) => outcome === "failed");
  if (image !== undefined) return { state: "failed while building", image: image.name };
  const finished = new Set(stages.map(({ name }) => name));
  const judged = failure?.where !== undefined || beforeStart.has(failure?.code ?? "");
  return { state: finished.has("build") && finished.has("render") && !judged ? "failed while starting" : "failed" };
}

/** Nothing runs, for one of several reasons. */
function heldWord({ preview: { spec, status } }: ReportView): string {
  if (status.expiresAt !== undefined) return "removed for want of use";
  if (status.unwanted !== undefined) return "not made";
  return spec.want === "stopped" ? "stopped" : words.Held;
}

/** `0.4 s`, `14 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** From the start of the attempt until it was ready. */
export function secondsToReady({ startedAt, readyAt }: PreviewStatus): number | undefined {
  if (startedAt === undefined || readyAt === undefined) return undefined;
  const seconds = (Date.parse(readyAt) - Date.parse(startedAt)) / 1_000;
  return seconds >= 0 ? seconds : undefined;
}

export const outcomeWords: Record<ImageStatus["outcome"], string> = {
  pending: "waiting",
  building: "building …",
  built: "built",
  reused: "reused",
  failed: "failed",
  cancelled: "not built",
};

export const stageWords: Record<StageStatus["name"], string> = {
  checkout: "checkout",
  build: "images",
  prepare: "namespace",
  render: "chart",
  release: "release",
  start: "start",
  remove: "removal",
};

export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}
