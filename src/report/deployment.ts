import { withoutMarkdown } from "./escape.ts";
import { mask } from "./mask.ts";
import type { ReportView } from "./report-view.ts";
import type { DeploymentReport } from "./reports.ts";
import { duration, secondsToReady, type State, stateOf } from "./words.ts";

/** GitHub refuses a longer description. */
const longestDescription = 140;

/** Name of a pull request's environment on GitHub. */
export function environmentName(number: number): string {
  return `preview/pr-${number}`;
}

/** Only how it ended is told: GitHub has the comment and the check for what goes on. */
const states: Partial<Record<State, DeploymentReport["state"]>> = {
  Ready: "success",
  Asleep: "success",
  Failing: "failure",
  Failed: "failure",
  Removing: "inactive",
  Removed: "inactive",
};

/** What the deployment of the pull request's environment shows, if there is anything to say yet. */
export function deploymentReport(view: ReportView): DeploymentReport | undefined {
  const state = states[stateOf(view)];
  if (state === undefined) return undefined;
  const { status } = view.preview;
  const logUrl = view.links?.log ?? commentUrl(view);
  return {
    commit: status.observedCommit ?? view.pullRequest.commit,
    environment: environmentName(view.pullRequest.number),
    state,
    ...(state === "inactive" ? {} : { url: view.address }),
    ...(logUrl !== undefined && { logUrl }),
    description: withoutMarkdown(mask(description(view)), longestDescription),
  };
}

/** The comment has the stages, and the last lines of what failed; until it is known which one it is, its page. */
function commentUrl({ preview, pullRequest: { url } }: ReportView): string | undefined {
  const { comment } = preview.status;
  return url === undefined || comment === undefined ? url : `${url}#issuecomment-${comment}`;
}

function description(view: ReportView): string {
  const { status } = view.preview;
  const seconds = secondsToReady(status);
  switch (stateOf(view)) {
    case "Ready":
      return seconds === undefined ? "Ready" : `Ready after ${duration(seconds)}`;
    case "Asleep":
      return "Asleep; it wakes up when its address is opened";
    case "Failing":
    case "Failed":
      return status.failure?.what ?? "Failed";
    case "Held":
    case "Waiting":
    case "Building":
    case "Deploying":
    case "Removing":
    case "Removed":
      return "Removed";
  }
}
