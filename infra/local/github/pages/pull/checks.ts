import { includesRole } from "../../present/repository.ts";
import { roleOf } from "../../actions/roles.ts";
import type { CheckAnnotationRecord, CheckRunRecord } from "../../store/records.ts";
import { icons } from "../icons.ts";
import { bounded, html, type Markup, plural, safeUrl } from "../markup.ts";
import { press } from "../parts.ts";
import { pullAction, type Subject, stateOf } from "./subject.ts";

type Look = "good" | "bad" | "attention" | "waiting" | "neutral";

const looks: Readonly<Record<string, Look>> = {
  success: "good",
  failure: "bad",
  timed_out: "bad",
  cancelled: "neutral",
  action_required: "attention",
  neutral: "neutral",
  skipped: "neutral",
  stale: "neutral",
};

function lookOf(run: CheckRunRecord): Look {
  return run.status === "completed" ? (looks[run.conclusion ?? ""] ?? "neutral") : "waiting";
}

/** The newest run of each name on the pull request's head. */
function currentRuns({ repository, pull }: Subject): CheckRunRecord[] {
  const newest = new Map<string, CheckRunRecord>();
  for (const run of repository.checkRuns) {
    const known = newest.get(run.name);
    if (run.headSha === pull.head.sha && (known === undefined || known.id < run.id)) newest.set(run.name, run);
  }
  return [...newest.values()];
}

/** Checks of the head commit, whether it can be merged, and what can be done with the pull request. */
export function mergeBox(subject: Subject): Markup {
  const runs = currentRuns(subject);
  return html`<section class="box" aria-label="Checks" data-testid="checks">
${runs.length === 0 ? "" : html`<h2>${summary(runs)}</h2>`}
${runs.map((run) => check(subject, run))}
${mergeRow(subject)}
</section>`;
}

function summary(runs: readonly CheckRunRecord[]): string {
  const looked = runs.map(lookOf);
  if (looked.includes("waiting")) return "Some checks haven’t completed yet";
  if (looked.includes("bad")) return "Some checks were not successful";
  if (looked.includes("attention")) return "A check needs somebody’s attention";
  return "All checks have passed";
}

function check(subject: Subject, run: CheckRunRecord): Markup {
  const { site, repository, pull, viewer } = subject;
  const look = lookOf(run);
  const { title, summary: text, text: more } = run.output;
  const link = safeUrl(run.detailsUrl);
  const act = pullAction(site, repository, pull, "check");
  const actions = run.status === "completed" ? run.actions : [];
  const buttons = actions.map(({ label, description, identifier }) =>
    press({
      action: act,
      label: bounded(label, 20),
      title: bounded(description, 40),
      test: "check-action",
      fields: { run: String(run.id), identifier },
    }),
  );
  const mayRerun = run.status === "completed" && includesRole(roleOf(repository, viewer.id), "write");
  const rerun = press({
    action: pullAction(site, repository, pull, "rerun"),
    label: "Re-run",
    title: `Ask the app to run ${run.name} again`,
    test: "check-rerun",
    kind: "quiet",
    fields: { run: String(run.id) },
  });
  const state = run.status === "completed" ? (run.conclusion ?? "completed") : run.status;
  return html`<div class="row check" data-testid="check" data-name="${run.name}" data-state="${state}">
<span class="look ${look}">${icons[look]}</span>
<div class="grow"><p><strong>${bounded(run.name, 100)}</strong> <span class="muted" data-testid="check-title">${bounded(title ?? state.replaceAll("_", " "), 200)}</span>
${link === undefined ? "" : html`<a class="details" href="${link}" rel="nofollow noopener" data-testid="check-link">Details</a>`}</p>
${
  text === null && more === null && run.annotations.length === 0
    ? ""
    : html`<details id="check-${run.id}"><summary>Output${run.annotations.length === 0 ? "" : ` and ${plural(run.annotations.length, "annotation")}`}</summary>
<div class="markdown">${site.markdown(text ?? "")}${site.markdown(more ?? "")}</div>
${run.annotations.map(annotation)}</details>`
}</div>
<span class="buttons">${buttons}${mayRerun ? rerun : ""}</span></div>`;
}

function annotation({ path, start_line, annotation_level, title, message }: CheckAnnotationRecord): Markup {
  return html`<p class="annotation ${annotation_level}" data-testid="annotation"><code>${path}:${start_line}</code>
${title === null ? "" : html`<strong>${bounded(title, 200)}</strong>`} ${bounded(message, 2000)}</p>`;
}

function mergeRow(subject: Subject): Markup {
  const { site, repository, pull, viewer } = subject;
  const to = (verb: string): string => pullAction(site, repository, pull, verb);
  const state = stateOf(pull);
  if (state === "merged") return row("good", "merged", "Merged", html`The branch has done its work.`, []);
  const mayWrite = includesRole(roleOf(repository, viewer.id), "write");
  if (state === "closed") {
    const reopen = press({ action: to("reopen"), label: "Reopen", test: "reopen" });
    return row("neutral", "closed", "Closed with unmerged commits", html`Its branch can be opened again.`, [reopen]);
  }
  const close = press({ action: to("close"), label: "Close", test: "close" });
  if (state === "draft") {
    const ready = press({ action: to("ready"), label: "Ready for review", test: "ready" });
    return row("neutral", "draft", "Still in progress", html`A draft cannot be merged.`, [ready, close]);
  }
  const draft = press({ action: to("draft"), label: "Convert to draft", test: "draft", kind: "quiet" });
  if (pull.mergeable === false) {
    return row("bad", "conflicts", "Conflicts with the base branch", html`They have to be resolved first.`, [
      close,
      draft,
    ]);
  }
  const merge = press({ action: to("merge"), label: "Merge", test: "merge", kind: "primary" });
  const explanation = mayWrite
    ? html`Merging can be performed here.`
    : html`${viewer.login} may read only; somebody with write access can merge.`;
  return row("good", "clean", "No conflicts with the base branch", explanation, [
    ...(mayWrite ? [merge] : []),
    close,
    draft,
  ]);
}

function row(look: Look, state: string, title: string, text: Markup, buttons: readonly Markup[]): Markup {
  return html`<div class="row merge" data-testid="mergeability" data-state="${state}">
<span class="look ${look}">${icons[look]}</span>
<div class="grow"><p><strong>${title}</strong></p><p class="muted">${text}</p></div>
<span class="buttons">${buttons}</span></div>`;
}
