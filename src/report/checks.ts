import { keyString } from "../preview/key.ts";
import { block, plain, sentence } from "./escape.ts";
import type { CheckReport } from "./reports.ts";
import type { ReportView } from "./report-view.ts";

/** The check run of the head commit. */
export function checkReport({ preview, pullRequest, address }: ReportView): CheckReport {
  const { status, spec } = preview;
  const key = { installation: spec.installation, repository: spec.repository, number: spec.pullRequest };
  const base = { commit: pullRequest.commit, annotations: [], externalId: keyString(key), detailsUrl: address };
  switch (status.phase) {
    case "Ready":
      return { ...base, status: "completed", conclusion: "success", title: "The preview is ready", summary: address };
    case "Failed":
    case "Failing": {
      const { failure } = status;
      if (failure === undefined) break;
      const { where } = failure;
      return {
        ...base,
        status: "completed",
        conclusion: "failure",
        title: status.phase === "Failed" ? "The preview failed" : "The preview fails",
        summary: [
          `${sentence(failure.what)} ${sentence(failure.remedy)}`,
          ...(failure.evidence === undefined ? [] : [block(failure.evidence)]),
        ].join("\n\n"),
        annotations:
          where?.line === undefined
            ? []
            : [
                {
                  path: where.file,
                  line: where.line,
                  message: `${failure.what} ${failure.remedy}`.replaceAll("`", ""),
                },
              ],
      };
    }
    case "Held":
      return {
        ...base,
        status: "completed",
        conclusion: "action_required",
        title: "The preview is held",
        summary: [status.reason, status.remedy]
          .filter((text) => text !== undefined)
          .map(sentence)
          .join(" "),
      };
    case "Waiting":
      return { ...base, status: "queued", title: "The preview waits", summary: plain(status.reason ?? "") };
    case "Removing":
      return { ...base, status: "completed", conclusion: "neutral", title: "The preview is removed", summary: "" };
    case "Building":
    case "Deploying":
    case "Asleep":
    case undefined:
      break;
  }
  return { ...base, status: "in_progress", title: "The preview is on its way", summary: address };
}
