import { wasVisitedAsleep } from "../preview/decide.ts";
import type { Preview, PreviewStatus } from "../preview/preview.ts";
import { mask } from "../report/mask.ts";
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

/** What a request that found its preview met on its way; `called`: it wakes a preview that sleeps. */
export type Trouble = "unreachable" | "timeout" | "called";

const soon = 2;
/** For what changes only when somebody acts. */
const later = 60;

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
  const notice = said(preview, trouble);
  const { text, remedy } = notice;
  return {
    ...notice,
    text: mask(text),
    ...(remedy === undefined ? {} : { remedy: mask(remedy) }),
    preview: subject(preview, githubUrl),
  };
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
  if (deleting) return removing(status);
  switch (status.phase) {
    case "Held":
      return held(status);
    case "Waiting":
      return busy("waiting", waitingTitle(status), sentence(status.reason ?? "It starts as soon as there is room."));
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
      return asleep(status, trouble === "called");
    case "Removing":
      return removing(status);
    case "Deploying":
      // Its workloads are scaled back before anything is forgotten of its sleep.
      if (status.asleep !== undefined) return waking(whyAsleep[status.asleep.because]);
      return busy("deploying", "The preview is being deployed", "Its images are there; its pods are starting.");
    case "Ready":
    case "Failing":
      return busy("no-ready-pod", "The preview is not ready right now", "None of its pods is ready to take requests.");
    case "Building":
    case undefined:
      return busy("building", "The preview is being built", "This page turns into it as soon as it is ready.");
  }
}

function held({ reason, remedy, failure, unwanted }: PreviewStatus): Notice {
  const help = remedy ?? failure?.remedy;
  return {
    status: 503,
    code: "held",
    title: unwanted === undefined ? "The preview is held" : "No preview is made of this pull request",
    text: sentence(reason ?? "It waits until somebody with write permission lets it run."),
    ...(help === undefined ? {} : { remedy: sentence(help) }),
    tone: "calm",
  };
}

/** How many are before it says more than any reason. */
function waitingTitle({ place }: PreviewStatus): string {
  if (place === undefined) return "The preview has to wait";
  return place === 1 ? "The preview is next in line" : `The preview is number ${place} in line`;
}

/** Whoever asks for a sleeping preview wakes it, and whoever looks on meanwhile sees that somebody has. */
function asleep(status: PreviewStatus, called: boolean): Notice {
  const { asleep: sleep, reason } = status;
  const because = reason === undefined ? whyAsleep[sleep?.because ?? "idle"] : sentence(reason);
  if (called || wasVisitedAsleep(status)) return waking(because);
  return {
    status: 503,
    code: "asleep",
    title: "The preview is asleep",
    text: because,
    remedy: "It wakes when somebody opens it in a browser.",
    retrySeconds: later,
    tone: "calm",
  };
}

function waking(because: string): Notice {
  return busy("waking", "The preview is waking up", `${because} This page turns into it as soon as it is ready.`);
}

const whyAsleep: Record<NonNullable<PreviewStatus["asleep"]>["because"], string> = {
  asked: "Somebody put it to sleep.",
  idle: "Nobody used it for a while.",
  room: "It made room for another one.",
};

function removing({ failure, reason }: PreviewStatus): Notice {
  const why = failure?.what ?? (reason === undefined ? undefined : `Everything of it is taken away: ${reason}`);
  return {
    status: 410,
    code: "removing",
    title: "The preview is being removed",
    text: why === undefined ? "Its pull request was closed, or somebody stopped it." : sentence(why),
    tone: "calm",
  };
}

/** Reasons are written to stand after a colon as well as alone. */
function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?:]$/.test(begun) ? begun : `${begun}.`;
}

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
