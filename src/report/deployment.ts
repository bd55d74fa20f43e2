import type { DeploymentReport } from "./reports.ts";
import type { ReportView } from "./report-view.ts";

/** Name of the GitHub environment of a pull request. */
export function environmentName(pullRequest: number): string {
  return `preview/pr-${pullRequest}`;
}

/** The deployment to show, or undefined for a state that is none. */
export function deploymentReport({ preview, pullRequest }: ReportView): DeploymentReport | undefined {
  const { phase, urls } = preview.status;
  const url = urls?.[0]?.url;
  const report = { commit: pullRequest.commit, environment: environmentName(pullRequest.number) };
  switch (phase) {
    case "Ready":
      return {
        ...report,
        state: "success",
        description: "The preview is ready.",
        ...(url === undefined ? {} : { url }),
      };
    case "Failing":
      return { ...report, state: "failure", description: "The preview was ready and fails now." };
    case "Held":
    case "Waiting":
    case "Building":
    case "Deploying":
    case "Asleep":
    case "Failed":
    case "Removing":
    case undefined:
      return undefined;
  }
}
