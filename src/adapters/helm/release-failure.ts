import type { Failure } from "../../preview/failure.ts";
import { FailureError } from "../../preview/failure.ts";
import { helmMessage, namespaceGone, outsideError } from "./render-failure.ts";

/** An object that the API server's message names, as `Deployment/web`. */
function objectIn(message: string): string | undefined {
  const typed = /\(\S+\/([^\s;]+); \S+, Kind=(\w+)\)/.exec(message) ?? /"([^"]+)" with kind (\w+)/.exec(message);
  if (typed?.[1] !== undefined && typed[2] !== undefined) return `${typed[2]}/${typed[1]}`;
  const invalid = /\b([A-Z]\w+)(?:\.[\w.-]+)? "([^"]+)" is invalid/.exec(message);
  if (invalid?.[1] !== undefined && invalid[2] !== undefined) return `${invalid[1]}/${invalid[2]}`;
  const looked = /the resource (\w+) "([^"]+)"/.exec(message);
  if (looked?.[1] !== undefined && looked[2] !== undefined) return `${looked[1]}/${looked[2]}`;
  const forbidden = /\b([a-z]+)(?:\.[\w.-]+)? "([^"]+)" is forbidden/.exec(message);
  if (forbidden?.[1] !== undefined && forbidden[2] !== undefined) return `${forbidden[1]}/${forbidden[2]}`;
  return undefined;
}

/** The Job or Pod of a failed hook. */
export function hookIn(message: string): { kind: "Job" | "Pod"; name: string } | undefined {
  if (!/hooks? failed|post-install|pre-install|pre-upgrade|post-upgrade/.test(message)) return undefined;
  const found = /resource (Job|Pod)\/[^/\s]+\/(\S+?)[\s,.]/.exec(message) ?? /\b(job|pod) (\S+) failed/.exec(message);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { kind: found[1].toLowerCase() === "job" ? "Job" : "Pod", name: found[2] };
}

const refusals: readonly { pattern: RegExp; code: string; what: (object: string) => string; remedy: string }[] = [
  {
    pattern: /field is immutable|updates to statefulset spec|is immutable after creation/,
    code: "field-immutable",
    what: (object) => `${object} cannot be changed in place: Kubernetes does not allow a field of it to change.`,
    remedy: "Give the object another name, or let the preview be made anew by closing and reopening the pull request.",
  },
  {
    pattern: /violates PodSecurity/,
    code: "pod-security",
    what: (object) => `${object} asks for more than pods of a preview may.`,
    remedy: "Set the `securityContext` that the message names.",
  },
  {
    pattern: /exceeded quota/,
    code: "quota-exceeded",
    what: (object) => `${object} does not fit into what a preview may use.`,
    remedy: "Ask for less: fewer replicas, smaller requests or claims.",
  },
  {
    pattern: /denied request|denied the request/,
    code: "object-denied",
    what: (object) => `${object} was refused by a rule of the cluster.`,
    remedy: "The message below says which rule.",
  },
  {
    pattern: /is forbidden/,
    code: "object-forbidden",
    what: (object) => `${object} is not allowed in previews.`,
    remedy: "Leave it out of previews, for example by a value that greenroom.yaml sets.",
  },
  {
    pattern:
      /is invalid|Invalid value|unknown field|cannot unmarshal|failed to create typed patch object|strict decoding error/,
    code: "object-invalid",
    what: (object) => `${object} is not valid.`,
    remedy: "Correct the field that the message names.",
  },
  {
    pattern: /no matches for kind/,
    code: "kind-unknown",
    what: () => "The chart uses a kind of object that the cluster does not know.",
    remedy: "Leave it out of previews, or ask the operator to install its CustomResourceDefinition.",
  },
  {
    pattern: /[Tt]oo long: must have at most|Request entity too large/,
    code: "release-too-large",
    what: () => "The release is larger than Helm can store (1 MiB compressed).",
    remedy: "Take large files out of ConfigMaps and Secrets.",
  },
];

/** What Helm says about a release that failed; a hook is said with the last lines of its log where there are some. */
export function releaseError(stderr: string, hookLog: string | undefined): Error {
  const message = helmMessage(stderr);
  const gone = namespaceGone(message, "releasing");
  if (gone !== undefined) return gone;
  const hook = hookIn(message);
  if (hook !== undefined) {
    const late = /context deadline exceeded|timed out|status: InProgress/.test(message);
    return new FailureError({
      kind: "user",
      code: late ? "hook-timed-out" : "hook-failed",
      what: `The hook \`${hook.kind}/${hook.name}\` ${late ? "did not end in time" : "failed"}, so the release did not go on.`,
      remedy:
        "Its last lines are below. A hook that waits for something of the same release has to try again until it is there.",
      evidence: hookLog === undefined || hookLog === "" ? message : hookLog,
    });
  }
  const outside = outsideError(message, "releasing");
  if (outside !== undefined) return outside;
  const refusal = refusals.find(({ pattern }) => pattern.test(message));
  const name = objectIn(message);
  const failure: Failure = {
    kind: "user",
    code: refusal?.code ?? "release-failed",
    what: refusal?.what(name === undefined ? "An object" : `\`${name}\``) ?? "Helm could not release the objects.",
    remedy: refusal?.remedy ?? "Helm's message is below.",
    evidence: message,
  };
  return new FailureError(failure);
}
