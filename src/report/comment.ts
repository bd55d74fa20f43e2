import { boundEvidence, type Failure } from "../preview/failure.ts";
import { commitToShow, pinnedAt } from "../preview/pinned.ts";
import type { ImageStatus, PreviewStatus } from "../preview/preview.ts";
import { block, cell, code, sentence } from "./escape.ts";
import { mask } from "./mask.ts";
import type { ReportView } from "./report-view.ts";
import { tip } from "./tip.ts";
import {
  duration,
  evidenceWords,
  outcomeWords,
  secondsToReady,
  shortCommit,
  stageWords,
  stateOf,
  stateWords,
} from "./words.ts";

/** GitHub refuses a comment of more characters. */
const mostCharacters = 65_536;

/** The hidden first line by which our comment is found again. */
export function commentMarker(repositoryId: number, number: number): string {
  return `<!-- greenroom:preview ${repositoryId}/${number} -->`;
}

/** The one comment of a pull request, for whatever state its preview is in. */
export function comment(view: ReportView): string {
  const { repositoryId, number } = view.pullRequest;
  return fit([commentMarker(repositoryId, number), headline(view), ...sections(view)]);
}

/** The same without the marker, for a check run, which says the state in its title. */
export function summary(view: ReportView): string {
  const parts = sections(view).filter((part) => part !== "");
  return fit(parts.length === 0 ? [headline(view)] : parts);
}

/** Joins as many parts as there is room for; what matters more comes first. */
function fit(parts: readonly string[]): string {
  let body = "";
  for (const part of parts.filter((each) => each !== "")) {
    const next = body === "" ? part : `${body}\n\n${part}`;
    // One more ends the last line.
    if (next.length + 1 < mostCharacters) body = next;
  }
  return `${body}\n`;
}

function headline(view: ReportView): string {
  const { status } = view.preview;
  const { state, image } = stateWords(view);
  const commit = commitToShow(view.preview, status.observedCommit ?? view.pullRequest.commit);
  const seconds = stateOf(view) === "Ready" ? secondsToReady(status) : undefined;
  return [
    "**Preview**",
    image === undefined ? state : `${state} ${code(image)}`,
    ...(hasAddress(view) ? [`**${view.address}**`] : []),
    ...(stateOf(view) === "Removed" ? [] : [`\`${shortCommit(commit)}\``]),
    ...(seconds === undefined ? [] : [duration(seconds)]),
  ].join(" · ");
}

/** Whether something answers at the address: the preview, or a page that says how far it is. */
function hasAddress(view: ReportView): boolean {
  const state = stateOf(view);
  return state !== "Held" && state !== "Removing" && state !== "Removed";
}

function sections(view: ReportView): string[] {
  const { status } = view.preview;
  switch (stateOf(view)) {
    case "Held":
      return [reason(status), ...failure(status.failure), footer(view)];
    case "Waiting":
      return [reason(status), inLine(status), footer(view)];
    case "Building":
    case "Deploying":
      return [stillRuns(view), rolledBack(view), images(status), notices(status), footer(view)];
    case "Ready":
      return [
        warning(view),
        rolledBack(view),
        otherAddresses(status),
        images(status),
        sinceBefore(view),
        notices(status),
        links(view),
        footer(view),
      ];
    case "Failing":
    case "Failed":
      return [
        ...failure(status.failure),
        stillRuns(view),
        rolledBack(view),
        warning(view),
        images(status),
        notices(status),
        links(view),
        footer(view),
      ];
    case "Asleep":
      return [asleep(status), rolledBack(view), footer(view)];
    case "Removing":
      return [`Everything of it is being removed${because(status)}.`, ...failure(status.failure)];
    case "Removed":
      return [removed(view)];
  }
}

function reason({ reason: why, remedy }: PreviewStatus): string {
  return [why, remedy]
    .filter((part) => part !== undefined)
    .map((part) => capital(sentence(mask(part))))
    .join(" ");
}

function inLine({ place: number }: PreviewStatus): string {
  return number === undefined ? "" : `It is number ${number} in line, and begins by itself when its turn comes.`;
}

/** What becomes of it soon unless somebody uses it. */
function warning({ preview: { status }, unused }: ReportView): string {
  if (status.warnedFor === undefined) return "";
  const end = unused === "sleep" ? "It is put to sleep" : "It is removed";
  return `Nobody has used it for a while. ${end} on ${minute(status.warnedFor)} unless somebody opens it or pushes before.`;
}

const whyAsleep = {
  asked: "It sleeps because somebody asked for that",
  idle: "It sleeps because nobody has used it for a while",
  room: "It sleeps to make room for another one",
} as const;

function asleep({ asleep: sleeping }: PreviewStatus): string {
  const why = whyAsleep[sleeping?.because ?? "idle"];
  return `${why}, and wakes up when its address is opened. Its data is kept.`;
}

/** Reasons are written as parts of sentences; here they are sentences. */
function capital(text: string): string {
  const full = /[.!?…]$/.test(text) ? text : `${text}.`;
  return full.charAt(0).toUpperCase() + full.slice(1);
}

function failure(found: Failure | undefined): string[] {
  if (found === undefined) return [];
  const { code: kind, what, remedy, where, evidence } = found;
  // Masked as a whole: of a key that is cut, nobody can tell what it is.
  const lastLines = boundEvidence(mask(evidence ?? ""));
  const place = where === undefined ? "" : where.line === undefined ? where.file : `${where.file}:${where.line}`;
  return [
    `${place === "" ? "" : `In ${code(place)}: `}${sentence(mask(what))}`,
    sentence(mask(remedy)),
    lastLines.trim() === ""
      ? ""
      : `<details><summary>${evidenceWords(kind)}</summary>\n\n${block(lastLines)}\n\n</details>`,
  ];
}

/** A push leaves what ran before as it is until it is ready, as far as Kubernetes' rolling updates go. */
function stillRuns(view: ReportView): string {
  const { deployedCommit, observedCommit = view.pullRequest.commit, phase } = view.preview.status;
  // What has failed after it was ready is of its own commit.
  if (phase === "Failing" || deployedCommit === undefined) return "";
  if (deployedCommit === commitToShow(view.preview, observedCommit)) return "";
  const shown = `The address may still show \`${shortCommit(deployedCommit)}\`, the last commit that was ready.`;
  const changes = comparison(view, deployedCommit);
  return changes === undefined ? shown : `${shown} [What changed since](${changes})`;
}

/** Which revision somebody went back to, and of which commit it is. */
function rolledBack({ preview, pullRequest }: ReportView): string {
  const head = preview.status.observedCommit ?? pullRequest.commit;
  const pinned = pinnedAt(preview, head);
  if (pinned === undefined) return "";
  return `Somebody went back to revision ${pinned.revision}, of \`${shortCommit(pinned.commit)}\`. The next push ends that, and so does \`/preview deploy\`, which shows \`${shortCommit(head)}\` again.`;
}

/** What came with this commit: where to read it, and what had to be built. */
function sinceBefore(view: ReportView): string {
  const { previousCommit, observedCommit = view.pullRequest.commit, images: list = [] } = view.preview.status;
  const isPinned = pinnedAt(view.preview, observedCommit) !== undefined;
  if (previousCommit === undefined || isPinned) return "";
  const before = `\`${shortCommit(previousCommit)}\`, the last commit that was ready`;
  const changes = comparison(view, previousCommit);
  const built = list.filter(({ outcome }) => outcome === "built").map(({ name }) => code(name));
  const anew = built.length === 0 ? "no image had to be built" : `built anew: ${built.join(", ")}`;
  const since = changes === undefined ? `Since ${before}` : `[What changed](${changes}) since ${before}`;
  return list.length === 0 && changes === undefined ? "" : `${since}${list.length === 0 ? "" : `; ${anew}`}.`;
}

/** Where GitHub shows what lies between a commit and the one that the comment is about. */
function comparison({ preview: { status }, pullRequest }: ReportView, from: string): string | undefined {
  const repository = /^(https?:\/\/[^\s()]+)\/pull\/\d+$/.exec(pullRequest.url ?? "")?.[1];
  if (repository === undefined) return undefined;
  return `${repository}/compare/${from}...${status.observedCommit ?? pullRequest.commit}`;
}

function images({ images: list = [] }: PreviewStatus): string {
  if (list.length === 0) return "";
  return ["| image | | |", "|---|---|---|", ...list.map(imageRow)].join("\n");
}

function imageRow({ name, outcome, seconds }: ImageStatus): string {
  const time = seconds === undefined || outcome === "reused" ? "" : duration(seconds);
  return `| ${cell(code(name))} | ${outcomeWords[outcome]} | ${time} |`;
}

function otherAddresses({ urls = [] }: PreviewStatus): string {
  return urls
    .slice(1)
    .map(({ name, url }) => `- ${code(name)}: ${url}`)
    .join("\n");
}

function notices({ notices: list = [] }: PreviewStatus): string {
  return list.map((notice) => `- ${sentence(mask(notice))}`).join("\n");
}

/** How long it took, how long it stays, and what can be typed next. */
function footer(view: ReportView): string {
  const state = stateOf(view);
  const times = state === "Ready" ? stages(view.preview.status) : "";
  const stays = state === "Ready" || state === "Failing" ? stay(view) : "";
  const parts = [times, stays, tip(view)].filter((part) => part !== "");
  return parts.length === 0 ? "" : `<sub>${parts.join("<br>")}</sub>`;
}

function stages({ stages: list = [] }: PreviewStatus): string {
  return list.map(({ name, seconds }) => `${stageWords[name]} ${duration(seconds)}`).join(" · ");
}

/** Says nothing that every visit would change, since each change is an edit of the comment. */
function stay({ preview: { spec, status }, unused, idleHours = 0 }: ReportView): string {
  const { expiresAt, warnedFor } = status;
  if (expiresAt === undefined || warnedFor !== undefined || idleHours === 0) return "";
  if (spec.keepUntil !== undefined && Date.parse(spec.keepUntil) === Date.parse(expiresAt)) {
    return `Kept until ${minute(expiresAt)}.`;
  }
  const end = unused === "sleep" ? "Put to sleep" : "Removed";
  return `${end} after ${idleHours === 1 ? "an hour" : `${idleHours} hours`} without a push or a visit.`;
}

/** `2026-11-26 at 10:00 UTC` */
function minute(time: string): string {
  return `${time.slice(0, 16).replace("T", " at ")} UTC`;
}

function links({ links: known }: ReportView): string {
  return [known?.page && `[Details](${known.page})`, known?.log && `[Log](${known.log})`]
    .filter((link) => link !== undefined && link !== "")
    .join(" · ");
}

function removed(view: ReportView): string {
  const time = view.removed === undefined ? "" : ` after ${duration(view.removed.seconds)}`;
  return `The pull request's preview is gone${because(view.preview.status)}: its namespace with all workloads, volumes and secrets, its release, its deployer accounts and its address. The cluster was asked, and had nothing of it left${time}.`;
}

function because({ reason: why }: PreviewStatus): string {
  return why === undefined ? "" : ` (${sentence(mask(why))})`;
}
