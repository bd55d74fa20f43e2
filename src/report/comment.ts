import type { Failure } from "../preview/failure.ts";
import type { ImageStatus, Preview } from "../preview/preview.ts";
import { block, code, plain, sentence } from "./escape.ts";
import type { ReportView } from "./report-view.ts";

/** Greenroom's own comment begins with this, and no other does. */
export const commentMarker = "<!-- greenroom:preview";

/** GitHub refuses a longer comment. */
export const longestComment = 65_536;

/** The one comment of a pull request, as Markdown of at most 65,536 characters. */
export function comment(view: ReportView): string {
  const { repositoryId, number } = view.pullRequest;
  const parts = [
    `${commentMarker} ${repositoryId}/${number} -->`,
    headline(view),
    ...(view.removed === undefined
      ? [
          explanation(view.preview),
          images(view.preview),
          services(view.preview),
          notices(view.preview),
          tip(view.preview),
        ]
      : []),
  ];
  return fit(parts.filter((part) => part !== ""));
}

/** Leaves out whole parts from the end where all of them are too long together; the headline always stays. */
function fit(parts: readonly string[]): string {
  let text = "";
  for (const part of parts) {
    const longer = text === "" ? part : `${text}\n\n${part}`;
    if (longer.length > longestComment) return text;
    text = longer;
  }
  return `${text}\n`;
}

function headline({ preview, pullRequest, address, removed }: ReportView): string {
  const commit = code(pullRequest.commit.slice(0, 7));
  const line = (...words: string[]) => ["**Preview**", ...words.filter((word) => word !== "")].join(" · ");
  if (removed !== undefined) {
    return line("removed", `everything of it is gone, which took ${seconds(removed.seconds)}`);
  }
  const { status } = preview;
  const link = `**${address}**`;
  switch (status.phase) {
    case "Ready":
      return line("ready", link, commit, duration(preview));
    case "Failing":
      return line("failing", link, commit);
    case "Failed":
      return line(`failed${place(status.failure)}`, commit);
    case "Held":
      return line("held", commit);
    case "Waiting":
      return line("waiting", commit);
    case "Asleep":
      return line("asleep", link, commit);
    case "Removing":
      return line("is being removed");
    case "Deploying":
      return line("deploying", address, commit);
    case "Building":
    case undefined:
      return line("building", address, commit);
  }
}

/** ` in file:12`, where the failure has a place. */
function place(failure: Failure | undefined): string {
  if (failure?.where === undefined) return "";
  const { file, line } = failure.where;
  return ` in ${code(line === undefined ? file : `${file}:${line}`)}`;
}

function explanation({ status }: Preview): string {
  const { phase, failure, reason, remedy } = status;
  if ((phase === "Failed" || phase === "Failing") && failure !== undefined) {
    const evidence =
      failure.evidence === undefined || failure.evidence.trim() === ""
        ? ""
        : `<details open><summary>What was seen</summary>\n\n${block(failure.evidence)}\n\n</details>`;
    return [`${sentence(failure.what)} ${sentence(failure.remedy)}`, evidence]
      .filter((part) => part !== "")
      .join("\n\n");
  }
  if (phase === "Held" || phase === "Waiting") {
    return [reason, remedy]
      .filter((text) => text !== undefined)
      .map(sentence)
      .join(" ");
  }
  return "";
}

function images({ status }: Preview): string {
  const list = status.images ?? [];
  if (list.length === 0 || status.phase === "Held") return "";
  const rows = list.map(
    (image) =>
      `| ${code(image.name)} | ${outcome(image)} | ${image.seconds === undefined ? "" : seconds(image.seconds)} |`,
  );
  return ["| image | | |", "|---|---|---|", ...rows].join("\n");
}

function outcome(image: ImageStatus): string {
  switch (image.outcome) {
    case "pending":
      return "to be built";
    case "building":
      return "building";
    case "built":
      return "built";
    case "reused":
      return "reused";
    case "failed":
      return "failed";
  }
}

/** Further addresses; the first one stands in the headline. */
function services({ status }: Preview): string {
  const further = (status.urls ?? []).slice(1);
  if (further.length === 0 || status.phase === "Held") return "";
  return further.map(({ name, url }) => `- ${plain(name)}: ${url}`).join("\n");
}

function notices({ status }: Preview): string {
  const list = status.notices ?? [];
  return list.length === 0 || status.phase === "Held"
    ? ""
    : list.map((notice) => `> ${sentence(notice)}`).join("\n>\n");
}

function tip({ status }: Preview): string {
  return status.phase === "Failed" || status.phase === "Failing" ? "<sub>The next push is tried by itself.</sub>" : "";
}

function duration({ status }: Preview): string {
  if (status.startedAt === undefined || status.readyAt === undefined) return "";
  return seconds((Date.parse(status.readyAt) - Date.parse(status.startedAt)) / 1_000);
}

/** `0.4 s`, `38 s`, `2 min 5 s`. */
function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1).replace(/\.0$/, "")} s`;
  const whole = Math.round(value);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
