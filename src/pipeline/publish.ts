import { createHash } from "node:crypto";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { previewAddress } from "../preview/urls.ts";
import { checkReport } from "../report/checks.ts";
import { comment } from "../report/comment.ts";
import { deploymentReport } from "../report/deployment.ts";
import type { CheckReport } from "../report/reports.ts";
import type { ReportView } from "../report/report-view.ts";
import type { StatusChanges } from "./progress.ts";
import type { World } from "./world.ts";

/** How much is told: the comment while work goes on; everything once it has ended; the last word after removal. */
export type Occasion = "working" | "final" | "removed";

/** Tells GitHub what the record says, and returns what the record has to remember of that. */
export async function publish(
  world: World,
  pr: PullRequest,
  preview: Preview,
  occasion: Occasion,
  signal: AbortSignal,
): Promise<StatusChanges> {
  const { pullRequests } = world;
  const { status } = preview;
  const view = viewOf(world, pr, preview, occasion);
  if (isKeptQuiet(pr, preview)) return { comment: undefined, ...remembered(view, occasion) };
  if (isPassing(status, occasion) && (await world.budget.isLow(pr.key.installation))) return {};
  const check = checkToTell(view, occasion);
  const deployment = occasion === "final" ? deploymentReport(view) : undefined;
  const saying = [
    // What was seen on GitHub is newer than what the record remembers, which may have been deleted since.
    pullRequests.comment(pr, pr.comment?.id ?? status.comment, comment(view), signal),
    check === undefined ? Promise.resolve(status.check) : pullRequests.check(pr, status.check, check, signal),
    deployment === undefined
      ? Promise.resolve(status.deployment)
      : pullRequests.deployment(pr, status.deployment, deployment, signal),
  ] as const;
  // Where one fails the others are waited for all the same: what is still on its way cannot be found, only doubled.
  const [commentId, checkId, deploymentId] = await Promise.allSettled(saying);
  const told: StatusChanges = {
    ...(commentId.status === "fulfilled" && { comment: commentId.value }),
    ...(checkId.status === "fulfilled" && {
      check: checkId.value,
      ...(check !== undefined && { checked: { commit: check.commit, status: check.status } }),
    }),
    ...(deploymentId.status === "fulfilled" && { deployment: deploymentId.value }),
  };
  for (const each of [commentId, checkId, deploymentId]) {
    if (each.status === "fulfilled") continue;
    // What was told is remembered, so that the next try does not tell it as something new.
    await world.records.report(preview, told, signal);
    throw each.reason;
  }
  return { ...told, ...remembered(view, occasion) };
}

/** Whether something else will take its place before long, so that it need not be told where little may be written. */
function isPassing({ phase }: Preview["status"], occasion: Occasion): boolean {
  return occasion === "working" && (phase === "Building" || phase === "Deploying");
}

function remembered(view: ReportView, occasion: Occasion): StatusChanges {
  return occasion === "final" ? { reported: fingerprint(view), ended: view.preview.status.attempt } : {};
}

/** Whether nothing is to be said of it; what stands there already is kept true all the same. */
function isKeptQuiet(pr: PullRequest, { status }: Preview): boolean {
  return status.unwanted?.silent === true && pr.comment === undefined;
}

/** A check shows that work on its commit has begun and how it ended; what lies between is the comment's to tell. */
function checkToTell(view: ReportView, occasion: Occasion): CheckReport | undefined {
  const report = checkReport(view);
  const { checked } = view.preview.status;
  switch (occasion) {
    case "final":
      return report;
    case "removed":
      // One that had ended stays as it is; the others would show for ever that work goes on.
      if (checked === undefined || checked.status === "completed") return undefined;
      return { ...report, commit: checked.commit, status: "completed", conclusion: "cancelled" };
    case "working": {
      if (report.status === "completed") return undefined;
      const isBegun = checked?.commit === report.commit && checked.status !== "completed";
      return isBegun && (checked.status === "in_progress" || report.status === "queued") ? undefined : report;
    }
  }
}

/** Whether GitHub was told, for good, exactly what the record says now, and still shows the comment. */
export function isPublished(world: World, pr: PullRequest, preview: Preview): boolean {
  const view = viewOf(world, pr, preview, "final");
  if (pr.strayComments !== undefined || preview.status.reported !== fingerprint(view)) return false;
  return isKeptQuiet(pr, preview) || pr.comment?.body.trim() === comment(view).trim();
}

/** Whether the comment says what it is to say while work on this goes on. */
export function isSaid(world: World, pr: PullRequest, preview: Preview): boolean {
  return pr.comment?.body.trim() === comment(viewOf(world, pr, preview, "working")).trim();
}

function fingerprint(view: ReportView): string {
  // Which comment it is may become known only by telling, and is no news.
  const { logUrl: _, ...deployment } = deploymentReport(view) ?? {};
  const told = [comment(view), checkReport(view), deployment];
  return createHash("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 32);
}

function viewOf(world: World, pr: PullRequest, preview: Preview, occasion: Occasion): ReportView {
  const removed = preview.status.stages?.find((stage) => stage.name === "remove");
  return {
    preview,
    pullRequest: {
      owner: pr.owner,
      repository: pr.repository,
      repositoryId: pr.key.repository.id,
      number: pr.number,
      commit: pr.head.sha,
      url: pr.url,
    },
    address: previewAddress(preview.name, world.rules.address),
    unused: world.rules.lifetime.afterwards,
    idleHours: world.rules.lifetime.idleHours,
    ...(occasion === "removed" && removed !== undefined ? { removed: { seconds: removed.seconds } } : {}),
  };
}
