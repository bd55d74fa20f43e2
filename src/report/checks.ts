import { summary } from "./comment.ts";
import { withoutMarkdown } from "./escape.ts";
import { mask } from "./mask.ts";
import type { ReportView } from "./report-view.ts";
import type { Button, CheckAction, CheckReport } from "./reports.ts";
import { duration, secondsToReady, type State, stateOf, stateWords } from "./words.ts";

/** GitHub shows so much of an annotation. */
const longestMessage = 4_000;
/** GitHub takes no more annotations in one request. */
const mostAnnotations = 50;

const outcomes: Record<State, Pick<CheckReport, "status" | "conclusion">> = {
  Held: { status: "completed", conclusion: "action_required" },
  Waiting: { status: "queued" },
  Building: { status: "in_progress" },
  Deploying: { status: "in_progress" },
  Ready: { status: "completed", conclusion: "success" },
  Failing: { status: "completed", conclusion: "failure" },
  Failed: { status: "completed", conclusion: "failure" },
  Asleep: { status: "completed", conclusion: "success" },
  Removing: { status: "completed", conclusion: "neutral" },
  Removed: { status: "completed", conclusion: "neutral" },
};

/** Nothing is wrong, and nobody has to do anything. */
const notWanted: Pick<CheckReport, "status" | "conclusion"> = { status: "completed", conclusion: "neutral" };

/** What the check run of the head commit shows. */
export function checkReport(view: ReportView): CheckReport {
  const { preview, pullRequest, address, links } = view;
  const state = stateOf(view);
  const detailsUrl = links?.page ?? (state === "Ready" || state === "Failing" ? address : undefined);
  return {
    commit: pullRequest.commit,
    ...(preview.status.unwanted === undefined ? outcomes[state] : notWanted),
    title: title(view),
    summary: summary(view),
    annotations: annotations(view),
    actions: actions(view),
    ...(detailsUrl !== undefined && { detailsUrl }),
    externalId: `${preview.spec.repository.id}/${preview.spec.pullRequest}`,
  };
}

const actionsBy: Record<Button, CheckAction> = {
  approve: { identifier: "approve", label: "Approve", description: "Let this very commit run" },
  deploy: { identifier: "deploy", label: "Deploy", description: "Have the preview made" },
  rebuild: { identifier: "rebuild", label: "Rebuild", description: "Build all images anew and deploy" },
};

/** The buttons of a check that is completed; GitHub shows none before. */
function actions(view: ReportView): CheckAction[] {
  switch (stateOf(view)) {
    case "Held":
      if (view.preview.status.unwanted?.onRequest === false) return [];
      return [isApprovalMissing(view) ? actionsBy.approve : actionsBy.deploy];
    case "Ready":
    case "Failing":
    case "Failed":
    case "Asleep":
      return [actionsBy.rebuild];
    case "Waiting":
    case "Building":
    case "Deploying":
    case "Removing":
    case "Removed":
      return [];
  }
}

/** Whether it is this very commit's approval that the comment asks for. */
function isApprovalMissing({ preview, pullRequest }: ReportView): boolean {
  return preview.status.remedy?.includes(`/preview approve ${pullRequest.commit}`) === true;
}

function title(view: ReportView): string {
  const { state, image } = stateWords(view);
  const seconds = stateOf(view) === "Ready" ? secondsToReady(view.preview.status) : undefined;
  const words = `${state.charAt(0).toUpperCase()}${state.slice(1)}`;
  if (image !== undefined) return withoutMarkdown(`${words} ${image}`, 200);
  return seconds === undefined ? words : `${words} after ${duration(seconds)}`;
}

/** The lines of the repository at fault; a file without a line is shown at its first. */
function annotations({ preview }: ReportView): CheckReport["annotations"] {
  const { failure } = preview.status;
  if (failure?.where === undefined) return [];
  const { what, remedy, where, others = [] } = failure;
  const first = { ...where, what: `${what} ${remedy}` };
  return [first, ...others].slice(0, mostAnnotations).map((place) => ({
    path: place.file,
    line: place.line ?? 1,
    message: withoutMarkdown(mask(place.what), longestMessage),
  }));
}
