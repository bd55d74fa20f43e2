import { enumerate, quote } from "../objects/words.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { Previews } from "../project/config-previews.ts";
import type { RepositoryPolicy } from "../project/read-policy.ts";
import { matchesGlob } from "./glob.ts";
import { approving, usesOwnConfiguration } from "./trust.ts";

export const triggers = ["always", "label", "command"] as const;
export type Trigger = (typeof triggers)[number];

/** What the operator allows, whatever a repository says. */
export type OperatorPolicy = {
  /** Repositories that may have previews, `owner/name` with `*`; all where it is empty. */
  repositories: readonly string[];
  /** What may begin a preview at most: `label` also where a repository says `always`. */
  trigger: Trigger;
  /** Repositories without a greenroom.yaml: on request and told so, on request in silence, or as any other. */
  unconfigured: "request" | "silent" | "always";
};

/** Whether a pull request is to have a preview, before anybody asks whether its code may run. */
export type Wanted =
  | { wanted: true }
  | {
      wanted: false;
      reason: string;
      remedy: string;
      /** Whoever may ask for it by command gets one all the same. */
      onRequest: boolean;
      /** Nothing is said of it where nothing was said before. */
      silent: boolean;
    };

const most = 500;
const yes: Wanted = { wanted: true };

/**
 * Reads the policy of the repository's base branch, as far as the operator leaves it a say. Which files the pull request
 * changes is a question of its own, asked only where it decides: `needs files`.
 */
export function wanted(
  pr: PullRequest,
  policy: RepositoryPolicy,
  operator: OperatorPolicy,
  /** Paths that the pull request changes; `many` where they cannot be listed. */
  files: readonly string[] | "many" | undefined,
): Wanted | "needs files" {
  const repository = `${pr.owner}/${pr.repository}`.toLowerCase();
  if (!fitsAny(repository, lower(operator.repositories))) return foreign;
  if (policy.state === "broken") return byRequest(pr, onBase(policy, pr), undefined, false);

  const { previews, state } = policy;
  const silent = previews.comment === "silent";
  const strict = forbidden(pr, previews);
  if (strict !== undefined) return no({ ...strict, onRequest: false, silent });
  const reason = notUnasked(pr, previews);
  if (reason !== undefined) return byRequest(pr, reason, undefined, silent);

  const isUnconfigured = state === "none" && !hasOwnConfiguration(pr);
  const own = isUnconfigured && operator.unconfigured !== "always" ? "label" : previews.trigger;
  const trigger = triggers[Math.max(triggers.indexOf(own), triggers.indexOf(operator.trigger))] ?? "command";
  const isLabelled = trigger === "label" && has(pr, previews.label);
  if (trigger !== "always" && !isLabelled) {
    const because = isUnconfigured
      ? `There is no greenroom.yaml on ${quote(pr.base.ref)}, so previews are made on request.`
      : "Previews are made on request here.";
    const label = trigger === "label" ? previews.label : undefined;
    return byRequest(pr, because, label, isUnconfigured ? operator.unconfigured === "silent" : silent);
  }
  const { include, ignore } = previews.paths;
  if (include.length === 0 && ignore.length === 0) return yes;
  if (files === undefined) return "needs files";
  if (
    files === "many" ||
    files.some((path) => fitsAny(path, include) && !ignore.some((glob) => matchesGlob(path, glob)))
  )
    return yes;
  return byRequest(pr, "This pull request changes no file that previews are made for.", undefined, silent);
}

/** What nobody may override but whoever changes the pull request, or the policy. */
function forbidden(pr: PullRequest, { branches, labels }: Previews): { reason: string; remedy: string } | undefined {
  if (!fitsAny(pr.base.ref, branches)) {
    return {
      reason: `Previews are made for pull requests into ${enumerate(branches.map(quote))}; this one goes into ${quote(pr.base.ref)}.`,
      remedy: "With another base branch it gets one.",
    };
  }
  const kept = labels.forbidden.find((label) => has(pr, label));
  if (kept !== undefined) {
    return { reason: `The label ${quote(kept)} keeps previews away.`, remedy: "Remove the label to have one." };
  }
  const missing = labels.required.filter((label) => !has(pr, label));
  if (missing.length === 0) return undefined;
  const names = `${missing.length === 1 ? "the label" : "the labels"} ${enumerate(missing.map(quote))}`;
  return { reason: `Previews are only made of pull requests with ${names}.`, remedy: `Add ${names} to have one.` };
}

/** Why this kind of pull request gets none unless somebody asks. */
function notUnasked(pr: PullRequest, { drafts, bots }: Previews): string | undefined {
  if (pr.draft && !drafts) return "This is a draft, and drafts get a preview only on request.";
  const isKnown = Array.isArray(bots) ? bots.some((bot) => botName(bot) === botName(pr.author.login)) : bots;
  if (pr.author.bot && !isKnown) return `Pull requests of ${quote(pr.author.login)} get a preview only on request.`;
  return undefined;
}

/** Whoever could push to the base branch asks for previews by adding a greenroom.yaml. */
function hasOwnConfiguration(pr: PullRequest): boolean {
  return usesOwnConfiguration(pr) && pr.head.configured === true;
}

function onBase({ problem, where }: Extract<RepositoryPolicy, { state: "broken" }>, pr: PullRequest): string {
  return `${quote(where)} on ${quote(pr.base.ref)} does not say which pull requests get a preview, so they are made on request: ${problem}`;
}

function byRequest(pr: PullRequest, reason: string, label: string | undefined, silent: boolean): Wanted {
  const labelled = label === undefined ? "" : `add the label ${quote(label)}, or `;
  // Code that is not trusted is asked for by approving it, which is more than a label may say.
  const remedy = usesOwnConfiguration(pr)
    ? `To have one, ${labelled}write \`/preview deploy\`.`
    : `After reviewing the code, someone with write permission can have one made: ${approving(pr)}.`;
  return no({ reason, remedy, onRequest: true, silent });
}

const foreign = no({
  reason: "Whoever runs Greenroom here makes previews for other repositories only.",
  remedy: "They can add this one.",
  onRequest: false,
  silent: true,
});

function no(why: Omit<Extract<Wanted, { wanted: false }>, "wanted">): Wanted {
  return { wanted: false, ...why, reason: bounded(why.reason), remedy: bounded(why.remedy) };
}

function bounded(text: string): string {
  return text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text;
}

function has(pr: PullRequest, label: string): boolean {
  return lower(pr.labels).includes(label.toLowerCase());
}

/** Bots are called `renovate` in one place and `renovate[bot]` in another. */
function botName(login: string): string {
  return login.toLowerCase().replace(/\[bot\]$/, "");
}

function lower(words: readonly string[]): string[] {
  return words.map((word) => word.toLowerCase());
}

/** Whether it fits any of the patterns, or there is none. */
function fitsAny(text: string, globs: readonly string[]): boolean {
  return globs.length === 0 || globs.some((glob) => matchesGlob(text, glob));
}
