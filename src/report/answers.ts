import { grammar } from "../policy/command-grammar.ts";
import type { Refusal } from "../policy/may.ts";
import type { Impossible } from "../policy/wishes.ts";
import type { Mistake } from "../policy/slash-command.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { listOf, mapOf, numberOf, textOf } from "../objects/read.ts";
import { revisionsKept } from "../preview/pinned.ts";
import type { Preview } from "../preview/preview.ts";
import type { ClusterView } from "../rollout/cluster-view.ts";
import { block, cell, code, sentence } from "./escape.ts";
import { mask } from "./mask.ts";
import { outcomeWords, shortCommit } from "./words.ts";

const mostPods = 30;
const logLines = 60;
const logCharacters = 8_000;

/** The commands, for whoever asks what there is. */
export function helpAnswer(): string {
  const rows = Object.values(grammar).map(({ usage, summary }) => `| ${cell(code(usage))} | ${cell(summary)} |`);
  return ["Write one of these on a line of its own:", "", "| command | what it does |", "|---|---|", ...rows].join(
    "\n",
  );
}

/** What was wrong with a line, and how it is written. */
export function mistakeAnswer({ said, problem, suggestion }: Mistake): string {
  const help = suggestion === undefined ? "" : ` Did you mean ${code(suggestion)}?`;
  return `Nothing was done: ${code(said)} cannot be understood, because ${sentence(problem)}.${help}`;
}

export function refusalAnswer({ reason, remedy }: Refusal): string {
  return `Nothing was done: ${sentence(reason)} ${sentence(remedy)}`;
}

export function impossibleAnswer({ impossible }: Impossible): string {
  return `Nothing was done: ${sentence(impossible)}`;
}

/** How the preview is, pod by pod. */
export function statusAnswer(preview: Preview, view: ClusterView | undefined): string {
  const { status, spec } = preview;
  const { phase = "Waiting", observedCommit, deployedCommit, urls = [], images = [], expiresAt, reason } = status;
  const facts = [
    `**${phase}**${reason === undefined ? "" : `: ${sentence(mask(reason))}`}`,
    ...(observedCommit === undefined ? [] : [`- commit \`${shortCommit(observedCommit)}\``]),
    ...(deployedCommit === undefined || deployedCommit === observedCommit
      ? []
      : [`- the last one that was ready: \`${shortCommit(deployedCommit)}\``]),
    ...revisionFacts(preview),
    ...urls.map(({ name, url }) => `- ${code(name)}: ${url}`),
    ...images.map(({ name, outcome }) => `- image ${code(name)}: ${outcomeWords[outcome]}`),
    ...(spec.keep === true
      ? ["- kept until the pull request is closed"]
      : expiresAt === undefined
        ? []
        : [`- kept until ${expiresAt.slice(0, 16).replace("T", " ")} UTC unless somebody uses it`]),
  ];
  for (const { key, default: standard } of status.declared ?? []) {
    const set = spec.overrides?.find((each) => each.key === key)?.text;
    facts.push(`- ${code(`${key}=${mask(set ?? standard)}`)}${set === undefined ? "" : ", set by command"}`);
  }
  const pods = podsOf(view);
  if (pods.length === 0) return [...facts, "", "Nothing of it runs now."].join("\n");
  const rows = pods.slice(0, mostPods).map((pod) => `| ${podCells(pod).map(cell).join(" | ")} |`);
  const more = pods.length > mostPods ? ["", `${pods.length - mostPods} more are not shown.`] : [];
  return [...facts, "", "| pod | | ready | restarts |", "|---|---|---|---|", ...rows, ...more].join("\n");
}

/** What can be gone back to. */
function revisionFacts({ status }: Preview): string[] {
  const shown = revisionsKept(status).map(({ revision, commit }) => `${revision} (\`${shortCommit(commit)}\`)`);
  return shown.length < 2 ? [] : [`- revisions that were ready: ${shown.join(", ")}`];
}

/** The end of a log, folded away. */
export function logAnswer(pod: string, container: string, previous: boolean, log: string): string {
  const which = `${code(container)} of pod ${code(pod)}${previous ? ", before its last restart" : ""}`;
  const lines = mask(log).trimEnd().split("\n").slice(-logLines).join("\n");
  if (lines.trim() === "") return `There are no lines of ${which}.`;
  const text = lines.length > logCharacters ? `…${lines.slice(1 - logCharacters).toWellFormed()}` : lines;
  return `The last lines of ${which}:\n\n<details><summary>Log</summary>\n\n${block(text)}\n\n</details>`;
}

/** Pods that run or try to, by name. */
export function podsOf(view: ClusterView | undefined): KubernetesObject[] {
  return (view?.objects ?? [])
    .filter(({ kind, metadata }) => kind === "Pod" && metadata["deletionTimestamp"] === undefined)
    .toSorted((one, other) => one.metadata.name.localeCompare(other.metadata.name));
}

function podCells(pod: KubernetesObject): string[] {
  const status = mapOf(pod["status"]);
  const containers = listOf(status["containerStatuses"]).map(mapOf);
  const ready = containers.filter((each) => each["ready"] === true).length;
  const restarts = containers.reduce((sum, each) => sum + (numberOf(each["restartCount"]) ?? 0), 0);
  const waits = containers.map((each) => textOf(mapOf(mapOf(each["state"])["waiting"])["reason"]));
  const state = waits.find((each) => each !== undefined) ?? textOf(status["phase"]) ?? "Unknown";
  return [code(pod.metadata.name), sentence(state), `${ready} of ${containers.length}`, String(restarts)];
}
