import type { CommandName } from "../policy/command-grammar.ts";
import { pinnedAt, revisionsKept } from "../preview/pinned.ts";
import type { ReportView } from "./report-view.ts";
import { stateOf, stateWords } from "./words.ts";

/** What can be typed next in the state that is shown: the few commands that fit it, and where all of them are. */
export function tip(view: ReportView): string {
  const names = next(view);
  if (names.length === 0) return "";
  return `Next: ${[...names, "help" as const].map((name) => `\`/preview ${name}\``).join(" · ")}`;
}

function next(view: ReportView): CommandName[] {
  const { spec, status } = view.preview;
  const isRolledBack = pinnedAt(view.preview, status.observedCommit ?? view.pullRequest.commit) !== undefined;
  // What was ready before is the quickest way out of what is not.
  const back = !isRolledBack && revisionsKept(status).length > 0 ? (["rollback"] as const) : [];
  switch (stateOf(view)) {
    case "Ready":
      if (isRolledBack) return ["deploy", "rollback", "logs", "stop"];
      return ["logs", "rebuild", ...(spec.keep === true ? [] : (["extend"] as const)), "sleep", "stop"];
    case "Failing":
      return ["logs", "status", "rebuild"];
    case "Failed":
      return [
        ...(stateWords(view).state === "failed while starting" ? (["logs"] as const) : []),
        "deploy",
        "rebuild",
        ...back,
      ];
    case "Asleep":
      return ["wake", "stop"];
    case "Waiting":
    case "Building":
    case "Deploying":
      return ["stop"];
    // Why it is held says what can be done about it.
    case "Held":
    case "Removing":
    case "Removed":
      return [];
  }
}
