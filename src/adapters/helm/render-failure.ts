import { posix } from "node:path";
import type { Failure } from "../../preview/failure.ts";
import { FailureError, boundEvidence } from "../../preview/failure.ts";
import { SupersededError } from "../../ports/records.ts";
import { templateFile } from "./render-output.ts";

const unreachable =
  /cluster reachability check failed|cluster unreachable|connection refused|connection reset|i\/o timeout|TLS handshake timeout|context deadline exceeded|no route to host|EOF$|etcdserver|the server is currently unable/m;
const unauthorized = /provide credentials|Unauthorized/;
const outOfMemory = /out of memory|cannot allocate memory/;
/** SIGXCPU and SIGKILL, as exit codes, of the program and of what bubblewrap ran. */
const outOfTimeCodes = new Set([152, 137]);

const messageEnds = 1_000;

/** Helm's message without the word before it, its advice about flags, and our paths. */
export function helmMessage(stderr: string, checkout?: string): string {
  const lines = stderr.split("\n").filter((line) => !/^(level=|time=|W\d{4}|I\d{4}|WARNING)/.test(line));
  const message = lines
    .join("\n")
    .replace(/^Error: /m, "")
    .replace(/\n*Use --debug flag to render out invalid YAML\n*/, "")
    .replaceAll(checkout === undefined ? "\0" : `${checkout}/`, "")
    .trim();
  // A recursion repeats itself; what matters is where it starts and how it ends.
  const long = message.length > 2 * messageEnds;
  return boundEvidence(long ? `${message.slice(0, messageEnds)} … ${message.slice(-messageEnds)}` : message);
}

export function clusterFailure(message: string, doing: string): Failure {
  return {
    kind: "transient",
    code: "kubernetes-unavailable",
    what: `The Kubernetes API did not answer Helm while ${doing}.`,
    remedy: "It is tried again by itself.",
    evidence: message,
  };
}

/** The failure of a Helm whose namespace was deleted meanwhile, if it is one. */
export function namespaceGone(message: string, doing: string): Error | undefined {
  if (!/namespaces "[^"]*" not found|because it is being terminated/.test(message)) return undefined;
  return new FailureError({
    kind: "transient",
    code: "namespace-gone",
    what: `Somebody deleted the preview's namespace while ${doing}.`,
    remedy: "It is made anew by itself.",
    evidence: message,
  });
}

/** The error of a failed Helm that has nothing to do with the pull request, if it is one. */
export function outsideError(message: string, doing: string): Error | undefined {
  if (unauthorized.test(message)) return new SupersededError("the attempt's account is gone");
  return unreachable.test(message) ? new FailureError(clusterFailure(message, doing)) : undefined;
}

export function tooCostly(what: string): Failure {
  return {
    kind: "user",
    code: "chart-too-costly",
    what: `Rendering the chart ${what} and was stopped.`,
    remedy: "Look for a loop in the templates that does not end or multiplies text.",
  };
}

type Location = { file: string; line: number };

/** The innermost template that Helm's message names: `shop/templates/web.yaml:12:14`, or `(…:12)` of a parse error. */
function locationIn(message: string, chart: string): Location | undefined {
  const found = [...message.matchAll(/([^\s:()"<>]+\/[^\s:()"<>]+):(\d+)(?::\d+|\))/g)].at(-1);
  if (found?.[1] === undefined) return undefined;
  return { file: templateFile(chart, found[1]), line: Number(found[2]) };
}

/** What Helm says about a chart that does not render, as a failure of the pull request. */
export function renderFailure(code: number, stderr: string, chart: string, checkout: string): Error {
  const message = helmMessage(stderr, checkout);
  if (stderr.startsWith("bwrap: ") || stderr.startsWith("prlimit: ")) return new FailureError(noSandbox(message));
  if (outOfMemory.test(stderr)) return new FailureError(tooCostly("took more memory than it may"));
  if (outOfTimeCodes.has(code)) return new FailureError(tooCostly("took more processor time than it may"));
  const outside = outsideError(message, "rendering the chart");
  if (outside !== undefined) return outside;

  const chartFile = posix.join(chart, "Chart.yaml");
  const evidence = message;
  const missing = /missing in charts\/ directory: (.*)/.exec(message)?.[1];
  if (missing !== undefined) {
    return new FailureError({
      kind: "user",
      code: "chart-dependency-missing",
      what: `The chart needs other charts that are not in its folder \`charts/\`: ${missing}.`,
      where: { file: chartFile },
      remedy: "Run `helm dependency build` and commit what it puts into `charts/`; Greenroom does not fetch charts.",
    });
  }
  if (message.includes("don't meet the specifications of the schema")) {
    return new FailureError({
      kind: "user",
      code: "chart-values-invalid",
      what: "The values do not fit the chart's own schema.",
      where: { file: posix.join(chart, "values.schema.json") },
      remedy: "Correct the values in greenroom.yaml or in the chart's `values.yaml`.",
      evidence,
    });
  }
  const malformed = /parsing ([^\s:]+): (?:MalformedYAMLError: )?(?:yaml: )?(.*)/.exec(message);
  if (malformed?.[1] !== undefined) {
    const file = templateFile(chart, malformed[1]);
    return new FailureError({
      kind: "user",
      code: "chart-not-rendered",
      what: `The chart's template \`${file}\` renders something that is not YAML; lines in Helm's message count in the rendered text.`,
      where: { file },
      remedy: "Look at the indentation of what the template inserts, usually with `nindent`.",
      evidence,
    });
  }
  const where = locationIn(message, chart);
  const broken = /(Chart\.yaml|values\.yaml)/.exec(message)?.[1];
  return new FailureError({
    kind: "user",
    code: "chart-not-rendered",
    what: "The chart does not render.",
    ...(where === undefined ? (broken === undefined ? {} : { where: { file: posix.join(chart, broken) } }) : { where }),
    remedy: "Helm's message below says what it could not do. `helm template` shows the same on your machine.",
    evidence,
  });
}

function noSandbox(message: string): Failure {
  return {
    kind: "operator",
    code: "sandbox-unavailable",
    what: "The sandbox in which charts are rendered cannot be set up here, so nothing was rendered.",
    remedy:
      "Install bubblewrap and allow user namespaces, or set `GREENROOM_SANDBOX=none` where the whole worker is isolated otherwise.",
    evidence: message,
  };
}
