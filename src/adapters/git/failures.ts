import { boundEvidence, type Failure, FailureError } from "../../preview/failure.ts";
import { ProgramError, type ProgramResult } from "../run-program.ts";

/** What went wrong at the remote, from git's words in the C locale. */
const remoteFailures: { pattern: RegExp; failure: (commit: string) => Omit<Failure, "evidence"> }[] = [
  {
    pattern: /not our ref|couldn't find remote ref|no such remote ref|unadvertised object/i,
    failure: (commit) => ({
      kind: "transient",
      code: "commit-not-found",
      what: `Commit ${commit.slice(0, 7)} is not in the repository (any more).`,
      remedy: "If the branch was just force-pushed, its new head is deployed next; otherwise push again.",
    }),
  },
  {
    pattern:
      /Authentication failed|could not read (Username|Password)|error: 40[13]|repository '.*' not found|error: 404/i,
    failure: () => ({
      kind: "operator",
      code: "git-access-refused",
      what: "The repository cannot be fetched: access was refused.",
      remedy: "The GitHub App needs the permission to read contents, and to be installed on this repository.",
    }),
  },
  {
    pattern:
      /fsck error|error in (tree|commit|blob|tag|object)|object fails? (strict )?check|contains '?\.(\.|git)'?|invalid path/i,
    failure: (commit) => ({
      kind: "user",
      code: "malformed-commit",
      what: `Commit ${commit.slice(0, 7)} contains an object that git refuses as malformed.`,
      remedy: "Run `git fsck` on a clone and write the object anew.",
    }),
  },
];

/**
 * The limit on what git may write ends its index-pack without a word, of which fetch then knows only this much. A broken
 * connection, a full disk or a malformed object has more lines than this one.
 */
const tooLargeToWrite = /^fatal: fetch-pack: invalid index-pack output$|died of signal 25|File too large/;

/** The failure of a fetch that ended with an error. */
export function fetchFailure(result: ProgramResult, commit: string): FailureError {
  if (tooLargeToWrite.test(result.stderr.trim())) {
    return checkoutTooLarge("is too large");
  }
  const known = remoteFailures.find(({ pattern }) => pattern.test(result.stderr));
  const failure = known?.failure(commit) ?? {
    kind: "transient",
    code: "git-unreachable",
    what: "The repository could not be fetched.",
    remedy: "It is tried again.",
  };
  return new FailureError({ ...failure, evidence: boundEvidence(result.stderr) });
}

/** The failure of a git command that works on the mirror alone, where an error is not the pull request's fault. */
export function localFailure(result: ProgramResult, doing: string): FailureError {
  return new FailureError({
    kind: "operator",
    code: "checkout-not-written",
    what: `Greenroom could not ${doing}.`,
    remedy: "See whether the worker's data directory is full or not writable.",
    evidence: boundEvidence(result.stderr),
  });
}

/** The failure of a mirror that git can no longer read, and that is thrown away. */
export function mirrorDamaged(): FailureError {
  return new FailureError({
    kind: "transient",
    code: "mirror-damaged",
    what: "The worker's mirror of the repository is damaged.",
    remedy: "It is fetched anew.",
  });
}

/** Turns a program's deadline, size limit or absence into a failure; everything else stays what it is. */
export function programFailure(error: unknown, commit: string): unknown {
  if (!(error instanceof ProgramError)) return error;
  if (error.reason === "output") return checkoutTooLarge("has too many files");
  if (error.reason === "missing") {
    return new FailureError({
      kind: "operator",
      code: "git-missing",
      what: "The worker has no git.",
      remedy: "Install git (2.35 or later) where the worker runs.",
    });
  }
  return new FailureError({
    kind: "transient",
    code: "git-too-slow",
    what: `Fetching commit ${commit.slice(0, 7)} took too long.`,
    remedy: "It is tried again.",
    evidence: boundEvidence(error.stderr),
  });
}

export function checkoutTooLarge(how: string): FailureError {
  return new FailureError({
    kind: "user",
    code: "checkout-too-large",
    what: `The repository ${how} for a preview.`,
    remedy: "Take out what need not be in git, or ask the operator for a higher limit.",
  });
}
