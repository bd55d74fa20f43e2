import { boundEvidence, type Failure } from "../../preview/failure.ts";
import type { FailedStep } from "./progress.ts";

/** What is known about a build that failed. */
export type FailedBuild = {
  /** Path of the Dockerfile from the repository's root. */
  dockerfileName: string;
  /** What buildctl printed besides its progress. */
  words: string;
  step: FailedStep | undefined;
};

type Told = Pick<Failure, "kind" | "code" | "what" | "remedy">;
type Rule = { pattern: RegExp; tell: (match: RegExpMatchArray, build: FailedBuild) => Told };

const tryAgain = "It is tried again.";

/** From the most to the least particular; the first that matches the error holds. */
const rules: Rule[] = [
  {
    // First, since everything in its quotes is the pull request's.
    pattern: /^process "[\s\S]*" did not complete successfully: (?:exit code: (\d+)|(.+))/,
    tell: ([, code, other], build) => ({
      kind: "user",
      code: "dockerfile-step-failed",
      what: `The build step \`${stepText(build)}\` failed${code === undefined ? `: ${oneLine(other ?? "")}` : ` with exit code ${code}`}.`,
      remedy:
        code === "137"
          ? "Exit code 137 means that the step was killed, most often because it took too much memory."
          : "Its last lines say why. The same step fails with `docker build` on your machine.",
    }),
  },
  {
    pattern: /source "docker-image(?:\+blob)?:\/\/([^"]+)" denied by policy/,
    tell: ([, image]) => ({
      kind: "user",
      code: "base-image-refused",
      what: `The Dockerfile takes \`${asWritten(image)}\` from Greenroom's own registry, where it may use this repository's images only.`,
      remedy: "Use an image of another registry. The operator can offer this one to everybody (GREENROOM_BASE_IMAGES).",
    }),
  },
  {
    pattern:
      /^(listing workers|failed to receive status|failed to get session|no active session)|rpc error: code = Unavailable/,
    tell: () => ({
      kind: "transient",
      code: "buildkit-unreachable",
      what: "BuildKit, which builds the images, does not answer.",
      remedy: tryAgain,
    }),
  },
  {
    pattern: /no space left on device/,
    tell: () => ({
      kind: "operator",
      code: "builder-disk-full",
      what: "The builder's disk is full.",
      remedy: "Run `buildctl prune`, or give BuildKit more space or a lower `maxUsedSpace`.",
    }),
  },
  {
    pattern: /^failed to push \S+: [\s\S]*(\b40[13]\b|denied|unauthorized|insufficient_scope|authorization failed)/i,
    tell: () => ({
      kind: "operator",
      code: "push-refused",
      what: "The registry refused the built image.",
      remedy: "Give Greenroom credentials that may push to its registry (GREENROOM_REGISTRY_AUTH_FILE).",
    }),
  },
  {
    pattern: /^failed to push \S+|^error writing layer blob|failed to copy:/,
    tell: () => ({
      kind: "transient",
      code: "registry-unreachable",
      what: "The built image could not be pushed to the registry.",
      remedy: tryAgain,
    }),
  },
  {
    pattern: /^dockerfile parse error on line \d+: (.+)/,
    tell: ([, problem]) => ({
      kind: "user",
      code: "dockerfile-invalid",
      what: `The Dockerfile is not valid: ${oneLine(problem ?? "")}.`,
      remedy: "Correct that line.",
    }),
  },
  {
    pattern:
      /the Dockerfile cannot be empty|failed to read dockerfile|circular dependency|no build stage in current context/,
    tell: ([problem]) => ({
      kind: "user",
      code: "dockerfile-invalid",
      what: `The Dockerfile cannot be used: ${oneLine(problem)}.`,
      remedy: "Correct the Dockerfile, or `dockerfile` of this image in greenroom.yaml.",
    }),
  },
  {
    pattern: /^target stage "([^"]*)" could not be found/,
    tell: ([, stage]) => ({
      kind: "user",
      code: "dockerfile-target-missing",
      what: `The Dockerfile has no stage \`${stage}\`.`,
      remedy: "Correct `target` of this image in greenroom.yaml, or name a stage so with `AS`.",
    }),
  },
  {
    pattern: /failed to resolve source metadata for (\S+): [\s\S]*(\b429\b|toomanyrequests|rate limit)/i,
    tell: ([, image]) => ({
      kind: "transient",
      code: "base-image-rate-limited",
      what: `The registry of the base image \`${asWritten(image)}\` limits how often it may be asked.`,
      remedy: "It is tried again. Credentials for that registry, or a mirror, raise the limit.",
    }),
  },
  {
    pattern:
      /failed to resolve source metadata for (\S+): [\s\S]*(not found|denied|unauthorized|insufficient_scope|authorization failed|\b40[134]\b|no such host)/i,
    tell: ([, image]) => ({
      kind: "user",
      code: "base-image-missing",
      what: `The base image \`${asWritten(image)}\` does not exist, or may not be pulled.`,
      remedy: "Correct its name or tag. If it is private, the operator has to give Greenroom credentials to pull it.",
    }),
  },
  {
    pattern: /failed to resolve source metadata for (\S+):/,
    tell: ([, image]) => ({
      kind: "transient",
      code: "base-image-unreachable",
      what: `The registry of the base image \`${asWritten(image)}\` does not answer.`,
      remedy: tryAgain,
    }),
  },
  {
    pattern: /"(\/[^"]*)": not found|lstat (\/\S+): no such file or directory/,
    tell: ([, source, other], build) => ({
      kind: "user",
      code: "dockerfile-source-missing",
      what: `\`${stepText(build)}\`: there is no \`${(source ?? other ?? "").slice(1)}\` in the build context.`,
      remedy: "Add the file, correct the path, or see whether .dockerignore leaves it out.",
    }),
  },
];

/** What a failed build means, and for whom. */
export function buildFailure(build: FailedBuild): Failure {
  // The solve's own error is in the words; a vertex's may say less.
  const told = build.words.match(/^error: (?:failed to solve: )?([\s\S]*)$/m)?.[1];
  const error = told ?? build.step?.error ?? build.words;
  const line = dockerfileLine(build.words);
  const found =
    rules.flatMap(({ pattern, tell }) => {
      const match = error.match(pattern);
      return match === null ? [] : [tell(match, build)];
    })[0] ?? unknownFailure(error, line, build);
  const isAboutDockerfile = found.kind === "user";
  return {
    ...found,
    ...(isAboutDockerfile ? { where: { file: build.dockerfileName, ...(line === undefined ? {} : { line }) } } : {}),
    evidence: boundEvidence(evidence(found, build, error)),
  };
}

function unknownFailure(error: string, line: number | undefined, build: FailedBuild): Told {
  const what = `The image could not be built${line === undefined ? "" : `, at \`${stepText(build)}\``}: ${oneLine(error)}.`;
  return line === undefined
    ? { kind: "operator", code: "build-failed", what, remedy: "See BuildKit's own log." }
    : { kind: "user", code: "dockerfile-step-failed", what, remedy: "Correct that step." };
}

/** The step's own output where it ran, else what BuildKit shows of the Dockerfile. */
function evidence(told: Told, build: FailedBuild, error: string): string {
  const log = build.step?.log ?? "";
  if (told.code === "dockerfile-step-failed" && log !== "") return log;
  return told.kind === "user" ? build.words : error;
}

/** First line of the instruction, from the excerpt that buildctl prints: its lines are marked with `>>>`. */
function dockerfileLine(words: string): number | undefined {
  const marked = words.match(/^\s*(\d+) \| >>>/m)?.[1] ?? words.match(/parse error on line (\d+)/)?.[1];
  return marked === undefined ? undefined : Number(marked);
}

/** `busybox:1.37` for `docker.io/library/busybox:1.37`. */
function asWritten(image: string | undefined): string {
  return (image ?? "").replace(/^docker\.io\/(library\/)?/, "");
}

function stepText({ step }: FailedBuild): string {
  return oneLine(step?.text ?? "").replaceAll("`", "'");
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
