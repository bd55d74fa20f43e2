import type { Preview } from "../preview/preview.ts";
import type { Route } from "./route.ts";

/** What a visitor is told instead of a preview. Every text is plain; nothing in it is markup. */
export type Notice = {
  status: number;
  /** Stable and machine-readable. */
  code: string;
  title: string;
  text: string;
  /** What somebody can do about it. */
  remedy?: string;
  /** Seconds until it is worth asking again; the page then does by itself. */
  retrySeconds?: number;
  tone: "busy" | "calm" | "bad";
  /** Which preview it is about. */
  preview?: { pullRequest: string; commit?: string; url?: string };
};

/** Why a request that found its preview did not get an answer from it. */
export type Trouble = "no-ready-pod" | "unreachable" | "timeout";

const soon = 2;

/** What to say where a route leads to no preview, or to one that cannot be shown. */
export function noticeFor(route: Exclude<Route, { kind: "preview" }>): Notice {
  if (route.kind === "bad-host") {
    const text = "The request does not name a host.";
    return { status: 400, code: "bad-host", title: "Bad request", text, tone: "bad" };
  }
  return {
    status: 404,
    code: "no-preview",
    title: "There is no preview here",
    text: `Nothing answers at ${route.host}. The pull request may be closed, or the address mistyped.`,
    remedy: "The comment on the pull request has the right address.",
    tone: "calm",
  };
}

/** What to say for a preview that cannot be shown as it stands. `githubUrl` is where people find the pull request. */
export function noticeForPreview(
  preview: Preview,
  trouble: Trouble | undefined,
  githubUrl: string | undefined,
): Notice {
  return { ...said(preview, trouble), preview: subject(preview, githubUrl) };
}

function said({ status, deleting }: Preview, trouble: Trouble | undefined): Notice {
  if (trouble === "unreachable") {
    const text = "The preview runs, but its pod did not take the connection.";
    return {
      status: 502,
      code: "unreachable",
      title: "The preview did not answer",
      text,
      retrySeconds: soon,
      tone: "bad",
    };
  }
  if (trouble === "timeout") {
    const text = "The preview took the request and did not begin an answer in time.";
    return { status: 504, code: "timeout", title: "The preview took too long", text, tone: "bad" };
  }
  if (deleting) return removing;
  switch (status.phase) {
    case "Held":
      return {
        status: 503,
        code: "held",
        title: "The preview is held",
        text: status.reason ?? "It waits until somebody with write permission lets it run.",
        ...(status.failure === undefined ? {} : { remedy: status.failure.remedy }),
        tone: "calm",
      };
    case "Waiting":
      return busy("waiting", "The preview waits for its turn", status.reason ?? "It starts as soon as there is room.");
    case "Failed":
      return {
        status: 503,
        code: "failed",
        title: "The preview failed",
        text: status.failure?.what ?? status.reason ?? "It could not be deployed.",
        remedy: status.failure?.remedy ?? "The comment on the pull request tells more.",
        tone: "bad",
      };
    case "Asleep":
      return {
        status: 503,
        code: "asleep",
        title: "The preview is asleep",
        text: status.reason ?? "Nobody used it for a while.",
        tone: "calm",
      };
    case "Removing":
      return removing;
    case "Deploying":
      return busy("deploying", "The preview is being deployed", "Its images are there; its pods are starting.");
    case "Ready":
    case "Failing":
      return busy("no-ready-pod", "The preview is not ready right now", "None of its pods is ready to take requests.");
    case "Building":
    case undefined:
      return busy("building", "The preview is being built", "This page turns into it as soon as it is ready.");
  }
}

const removing: Notice = {
  status: 410,
  code: "removing",
  title: "The preview is being removed",
  text: "Its pull request was closed, or somebody stopped it.",
  tone: "calm",
};

function busy(code: string, title: string, text: string): Notice {
  return { status: 503, code, title, text, retrySeconds: soon, tone: "busy" };
}

function subject({ spec, status }: Preview, githubUrl: string | undefined): NonNullable<Notice["preview"]> {
  const { fullName } = spec.repository;
  const linkable = githubUrl !== undefined && /^[\w.-]+\/[\w.-]+$/.test(fullName);
  return {
    pullRequest: `${fullName}#${spec.pullRequest}`,
    ...(status.observedCommit === undefined ? {} : { commit: status.observedCommit.slice(0, 7) }),
    ...(linkable ? { url: `${githubUrl}/${fullName}/pull/${spec.pullRequest}` } : {}),
  };
}
