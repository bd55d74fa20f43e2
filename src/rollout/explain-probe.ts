import { at, listOf, textOf } from "../objects/read.ts";
import { enumerate, quote } from "../objects/words.ts";
import type { ClusterView } from "./cluster-view.ts";
import { containerSpec } from "./container-spec.ts";
import type { CauseOf, Explanation, Scene } from "./explanation.ts";
import type { Suspect } from "./suspect.ts";

export function probeKilled(
  { probe, message }: CauseOf<"probe-killed">,
  { subject, logTail, suspect, view }: Scene,
): Explanation {
  const asks = describeProbe(suspect, probe, view);
  return {
    code: "probe-killed",
    what: `${subject} is restarted again and again, because its \`${probe}\` fails${asks === undefined ? "" : ` (${asks})`}${message === "" ? "" : `: ${quote(message)}`}.`,
    remedy:
      probe === "livenessProbe"
        ? "Let the program answer it, or give it time by a `startupProbe` or a longer `initialDelaySeconds`."
        : "Let the program answer it, or give it more time by a higher `failureThreshold`.",
    evidence: logTail,
  };
}

export function deadline(
  { seconds, waitingFor, probe }: CauseOf<"deadline">,
  { subject, suspect, logTail, view }: Scene,
): Explanation {
  const still = `After ${seconds} s the preview still waits for ${enumerate(waitingFor.map((each) => each.replaceAll("`", "'")))}`;
  if (probe === undefined && suspect.init === true) {
    return {
      code: "init-container-stuck",
      what: `${still}. ${subject} has not ended, and the pod's containers start only after it.`,
      remedy:
        "See in its last lines what it waits for, and bring that in the chart, or correct the name by which it asks for it.",
      evidence: logTail,
    };
  }
  if (probe === undefined) {
    return {
      code: "not-ready-in-time",
      what: `${still}.`,
      remedy: "Its last lines and events may say why; the operator can give previews more time.",
      evidence: logTail,
    };
  }
  const name = probe.startsWith("Startup") ? "startupProbe" : "readinessProbe";
  const asks = describeProbe(suspect, name, view);
  return {
    code: "probe-fails",
    what: `${still}: ${subject} runs, but its \`${name}\` fails${asks === undefined ? "" : ` (${asks})`}: ${quote(probe.replace(/^\w+ probe (failed|errored): /, ""))}.`,
    remedy: `Let the program answer the probe, or correct \`${name}\` in the chart.`,
    evidence: logTail,
  };
}

/** What a probe of the suspect asks for: `GET /healthz on port http`. */
function describeProbe({ object, container }: Suspect, probe: string, view: ClusterView): string | undefined {
  const spec = containerSpec(object, container, view);
  const asked = at(spec, probe);
  const port = at(asked, "httpGet", "port") ?? at(asked, "tcpSocket", "port") ?? at(asked, "grpc", "port");
  const path = textOf(at(asked, "httpGet", "path"));
  if (at(asked, "httpGet") !== undefined) return `${quote(`GET ${path ?? "/"}`)} on port ${quote(String(port))}`;
  if (at(asked, "tcpSocket") !== undefined) return `a connection to port ${quote(String(port))}`;
  if (at(asked, "grpc") !== undefined) return `gRPC on port ${quote(String(port))}`;
  const command = listOf(at(asked, "exec", "command"))
    .map(String)
    .join(" ");
  return command === "" ? undefined : quote(command);
}
