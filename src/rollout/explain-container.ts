import { quote } from "../objects/words.ts";
import type { CauseOf, Explanation, Scene } from "./explanation.ts";

export function containerConfig({ message }: CauseOf<"container-config">, { subject }: Scene): Explanation {
  const code = "container-config";
  const missing = /(configmap|secret) "([^"]+)" not found/i.exec(message);
  if (missing !== null) {
    const kind = missing[1]?.toLowerCase() === "secret" ? "Secret" : "ConfigMap";
    const name = quote(`${kind}/${missing[2] ?? ""}`);
    return {
      code: "missing-reference",
      what: `${subject} cannot start, because ${name} does not exist.`,
      remedy: `Bring ${name} in the chart, correct its name, or mark the reference \`optional: true\`.`,
    };
  }
  const key = /couldn't find key (\S+) in (ConfigMap|Secret) [^/\s]+\/(\S+)/i.exec(message);
  if (key !== null) {
    const [, wanted = "", kind = "", name = ""] = key;
    const object = quote(`${kind}/${name}`);
    return {
      code: "missing-reference",
      what: `${subject} cannot start, because ${object} has no key ${quote(wanted)}.`,
      remedy: `Add the key to ${object}, correct it where it is referred to, or mark the reference \`optional: true\`.`,
    };
  }
  if (/runAsNonRoot/.test(message)) {
    return {
      code: "runs-as-root",
      what: `${subject} may not run as root, and its image does.`,
      remedy: "Set a numeric `USER` in the Dockerfile, or `securityContext.runAsUser` in the chart.",
      evidence: message,
    };
  }
  return {
    code,
    what: `${subject} cannot be created from its configuration.`,
    remedy: "Correct what the message names.",
    evidence: message,
  };
}

export function cannotRun({ message }: CauseOf<"cannot-run">, { subject }: Scene): Explanation {
  const program = /exec: "([^"]+)": ([^:"]+)/.exec(message);
  const absent = /executable file not found|no such file or directory/.test(message);
  const why =
    program === null
      ? "cannot be started"
      : `cannot be started: ${quote(program[1] ?? "")} ${absent ? "is not in the image" : quote(program[2] ?? "")}`;
  return {
    code: "cannot-run",
    what: `${subject} ${why}.`,
    remedy: absent
      ? "Correct `command` in the chart, or `ENTRYPOINT` and `CMD` in the Dockerfile; a script also needs the interpreter of its first line."
      : "Correct `command` and `args` in the chart, or `ENTRYPOINT` and `CMD` in the Dockerfile. The program has to be executable and built for this platform.",
    evidence: message,
  };
}

export function outOfMemory({ limit }: CauseOf<"out-of-memory">, { subject, logTail }: Scene): Explanation {
  return {
    code: "out-of-memory",
    what: `${subject} needs more memory than it may use${limit === undefined ? "" : `, ${quote(limit)}`}, and was killed (\`OOMKilled\`, exit code 137).`,
    remedy:
      "Raise `resources.limits.memory` of the container, or have the program use less; many runtimes need to be told their limit.",
    evidence: logTail,
  };
}
