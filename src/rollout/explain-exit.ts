import { at, listOf } from "../objects/read.ts";
import { count, quote } from "../objects/words.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { CauseOf, Explanation, Scene } from "./explanation.ts";
import { containerSpec } from "./container-spec.ts";
import { tellingLine, unsetVariable } from "./log-lines.ts";
import type { Suspect } from "./suspect.ts";

export function crash(
  { exitCode, signal, when, exits }: CauseOf<"crash">,
  { subject, logTail, suspect, view }: Scene,
): Explanation {
  const line = tellingLine(logTail);
  const time =
    when === "after-ready"
      ? "after it was ready"
      : suspect.init === true
        ? "before the others can start"
        : "before it is ready";
  const how = signal === undefined ? `exits with code ${exitCode}` : `is ended by ${signal} (exit code ${exitCode})`;
  const variable = unsetVariable(logTail);
  const sets = variable === undefined ? undefined : setsVariable(suspect, variable, view);
  return {
    code: "crash",
    what: `${subject} ${how} ${time}${line === undefined ? "" : `: ${quote(line)}`}.${
      variable === undefined || sets !== false ? "" : ` ${quote(suspect.object)} sets no ${quote(variable)}.`
    }`,
    remedy: crashRemedy(exitCode, line, sets === false ? variable : undefined, exits),
    evidence: logTail,
  };
}

function crashRemedy(exitCode: number, line: string | undefined, unset: string | undefined, exits: number): string {
  if (unset !== undefined) return `Add ${quote(unset)} under \`env:\` of the container in the chart.`;
  const tries = exits > 1 ? ` It was started ${count(exits, "time")}.` : "";
  if (exitCode === 0)
    return `A container of a workload has to keep running; use a Job for what is meant to end.${tries}`;
  return line === undefined
    ? `It printed nothing. Have it say why it ends, or run the image by hand with the same variables.${tries}`
    : `Correct what its last lines say.${tries}`;
}

/** Whether a container gets a variable: true, false, or undefined where that cannot be seen. */
function setsVariable({ object, container }: Suspect, name: string, view: ClusterView): boolean | undefined {
  const spec = containerSpec(object, container, view);
  if (spec === undefined || listOf(spec.envFrom).length > 0) return undefined;
  return listOf(spec.env).some((variable) => at(variable, "name") === name);
}

export function jobFailed(
  { reason, message, exitCode }: CauseOf<"job-failed">,
  { suspect, logTail }: Scene,
): Explanation {
  const job = quote(suspect.object);
  if (reason === "DeadlineExceeded") {
    return {
      code: "job-failed",
      what: `${job} did not complete in the time that its \`activeDeadlineSeconds\` gives it.`,
      remedy: "Have it do its work faster, or give it more time.",
      evidence: logTail,
    };
  }
  const line = tellingLine(logTail);
  const container =
    suspect.container === undefined
      ? "its pod failed"
      : `${quote(suspect.container)} exits with code ${exitCode ?? "unknown"}`;
  return {
    code: "job-failed",
    what: `${job} failed: ${container}${line === undefined ? "" : `: ${quote(line)}`}.`,
    remedy:
      line === undefined && logTail === ""
        ? "It left no log; `ttlSecondsAfterFinished` or `restartPolicy: OnFailure` remove its pods. With `restartPolicy: Never` they stay."
        : "Correct what its last lines say.",
    evidence: logTail === "" ? message : logTail,
  };
}

export function podFailed({ reason, message }: CauseOf<"pod-failed">, { subject }: Scene): Explanation {
  return {
    code: "pod-failed",
    what: `A pod of ${subject} was ended by its node: ${quote(reason)}.`,
    remedy:
      reason === "Evicted"
        ? "Have it use less memory and disk, or ask for what it needs under `resources.requests`."
        : "Push again to try once more; the operator can tell more if it stays.",
    evidence: message,
  };
}

export function stuckUpdate({ pod }: CauseOf<"stuck-update">, { subject, logTail, suspect }: Scene): Explanation {
  return {
    code: "stuck-update",
    what: `${quote(suspect.object)} cannot go on to this commit: it waits until its pod ${quote(pod)} of the last commit is ready, and ${suspect.container === undefined ? "that" : subject} never will be.`,
    remedy:
      "Set `podManagementPolicy: Parallel`, with which a StatefulSet replaces broken pods; or close and reopen the pull request for a new preview.",
    evidence: logTail,
  };
}
