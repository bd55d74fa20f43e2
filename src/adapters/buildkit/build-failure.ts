import { boundEvidence, type Failure } from "../../preview/failure.ts";

/** What is known of a build that failed. */
export type FailedBuild = {
  /** Path of the Dockerfile from the repository's root. */
  dockerfile: string;
  /** Name of the registry that was to be pushed to. */
  registry: string;
  /** BuildKit's text besides its status. */
  text: string;
  /** The step that failed, if one did. */
  step: { name: string; error: string; log: string } | undefined;
};

/** BuildKit's failure in words: whose it is, where in the Dockerfile, and the end of the step's output. */
export function buildFailure(build: FailedBuild): Failure {
  const error = /^error: (?<message>[\s\S]*)$/m.exec(build.text)?.groups?.["message"]?.trim() ?? build.text.trim();
  const message = error.replace(/^failed to solve: /, "");
  const line = Number(/^[^\n]*:(\d+)\n-{10,}$/m.exec(build.text)?.[1] ?? /on line (\d+)/.exec(message)?.[1]);
  const where = { file: build.dockerfile, ...(line > 0 ? { line } : {}) };
  const name = `\`${build.dockerfile}\``;

  if (
    /Unavailable|error reading from server|transport|connection (?:refused|reset)|EOF$/.test(message) &&
    build.step === undefined
  ) {
    return {
      kind: "transient",
      code: "buildkit-unavailable",
      what: "BuildKit does not answer.",
      remedy: "It is tried again by itself.",
      evidence: boundEvidence(message),
    };
  }
  if (/^failed to push /.test(message)) return pushFailure(message);

  const exit = /exit code: (\d+)/.exec(message)?.[1];
  if (exit !== undefined) {
    const oom = exit === "137" ? " It was killed, as happens when it needs more memory than the builder has." : "";
    return {
      kind: "user",
      code: "dockerfile-step-failed",
      what: `${name}: ${stepName(build)} ended with exit code ${exit}.${oom}`,
      where,
      remedy: "The last lines of its output say why. The same step fails in the same way with `docker build`.",
      evidence: boundEvidence(build.step?.log ?? message),
    };
  }
  if (/^dockerfile parse error/.test(message)) {
    return {
      kind: "user",
      code: "dockerfile-invalid",
      what: `${name} cannot be read: ${code(message.replace(/^dockerfile parse error on line \d+: /, ""))}.`,
      where,
      remedy: "Correct that line.",
    };
  }
  const base = /failed to resolve source metadata for (?<image>\S+): (?<why>[\s\S]*)$/.exec(message)?.groups;
  if (base !== undefined) return baseImageFailure(base["image"] ?? "", base["why"] ?? "", name, where);

  const missing = /"(?<path>[^"]+)": not found/.exec(message)?.groups?.["path"];
  if (missing !== undefined) {
    return {
      kind: "user",
      code: "dockerfile-source-missing",
      what: `${name} copies ${code(missing)}, which is not in the build context.`,
      where,
      remedy: "Check the path, which is relative to the context, and whether `.dockerignore` leaves it out.",
    };
  }
  return {
    kind: "user",
    code: "build-failed",
    what: `${name} does not build: ${code(message.split("\n")[0] ?? "")}.`,
    where,
    remedy: "The text above is BuildKit's.",
    evidence: boundEvidence(build.step?.log === "" || build.step === undefined ? message : build.step.log),
  };
}

function stepName({ step }: FailedBuild): string {
  // `[build 3/5] RUN make` is `RUN make` to whoever wrote it.
  const name = step?.name.replace(/^\[[^\]]*\]\s*/, "") ?? "";
  return name === "" ? "a step" : code(name.length > 120 ? `${name.slice(0, 119)}…` : name);
}

function baseImageFailure(image: string, why: string, name: string, where: Failure["where"]): Failure {
  const shown = code(image.replace(/^docker\.io\/(library\/)?/, ""));
  if (/429|toomanyrequests|rate limit/i.test(why)) {
    return {
      kind: "operator",
      code: "base-image-rate-limited",
      what: `The registry of the base image ${shown} allows no more pulls for now.`,
      where,
      remedy: "The operator gives BuildKit credentials for that registry, or a mirror of it.",
      evidence: boundEvidence(why),
    };
  }
  if (/no such host|i\/o timeout|connection refused|network is unreachable|TLS handshake/.test(why)) {
    return {
      kind: "user",
      code: "base-image-unreachable",
      what: `${name} builds on ${shown}, and its registry cannot be reached.`,
      where,
      remedy: "Check the registry's name. If it is right, the operator has to let the builder reach it.",
      evidence: boundEvidence(why),
    };
  }
  return {
    kind: "user",
    code: "base-image-missing",
    what: /not found/.test(why)
      ? `${name} builds on ${shown}, which does not exist.`
      : `${name} builds on ${shown}, which cannot be pulled.`,
    where,
    remedy: "Check name and tag. A private image needs credentials that the operator gives to BuildKit.",
    evidence: boundEvidence(why),
  };
}

function pushFailure(message: string): Failure {
  const refused = /40[13]|unauthorized|denied|insufficient_scope/i.test(message);
  return {
    kind: refused ? "operator" : "transient",
    code: refused ? "registry-refused-push" : "registry-unavailable",
    what: refused ? "The registry does not accept Greenroom's images." : "The registry did not take the built image.",
    remedy: refused
      ? "The operator checks the registry's credentials and that they may push below the configured prefix."
      : "It is tried again by itself.",
    evidence: boundEvidence(message),
  };
}

function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replace(/\s+/g, " ").trim()}\``;
}
