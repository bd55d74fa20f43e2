import { type GitHub, timestamp } from "../context.ts";
import { presentCheckRunEvent } from "../present/checks.ts";
import type {
  CheckActionRecord,
  CheckAnnotationRecord,
  CheckRunRecord,
  CheckStatus,
  RepositoryRecord,
  UserRecord,
} from "../store/records.ts";
import { announce } from "../webhooks/events.ts";
import { Refusal } from "./refusal.ts";
import { checkAnnotation, checkConclusion, type NewAnnotation } from "./check-rules.ts";
import { isOwnBot, requireRole } from "./roles.ts";

export interface CheckRunChanges {
  readonly name?: string | undefined;
  readonly details_url?: string | undefined;
  readonly external_id?: string | undefined;
  readonly status?: CheckStatus | undefined;
  readonly conclusion?: string | undefined;
  readonly started_at?: string | undefined;
  readonly completed_at?: string | undefined;
  readonly output?:
    | {
        readonly title?: string | undefined;
        readonly summary: string;
        readonly text?: string | undefined;
        readonly annotations?: readonly NewAnnotation[] | undefined;
        readonly images?: readonly unknown[] | undefined;
      }
    | undefined;
  readonly actions?: readonly CheckActionRecord[] | undefined;
}

/** Makes a check run on a commit. Only apps can; the route asks for an installation token. */
export async function createCheckRun(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  headSha: string,
  changes: CheckRunChanges & { readonly name: string },
): Promise<CheckRunRecord> {
  requireApp(actor);
  if (!/^[0-9a-f]{40}$/.test(headSha) || (await github.git.commitOf(repository.id, headSha)) === undefined) {
    throw new Refusal(422, `No commit found for SHA: ${headSha}`);
  }
  const suite = repository.checkRuns.find((run) => run.headSha === headSha)?.suiteId;
  const run: CheckRunRecord = {
    id: github.store.nextId(),
    suiteId: suite ?? github.store.nextId(),
    headSha,
    createdAt: timestamp(github),
    name: changes.name,
    status: "queued",
    conclusion: null,
    externalId: null,
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
    actions: [],
  };
  apply(github, repository, run, changes);
  repository.checkRuns.push(run);
  announceCheckRun(github, repository, run, actor, "created");
  if (run.status === "completed") announceCheckRun(github, repository, run, actor, "completed");
  return run;
}

export function updateCheckRun(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  run: CheckRunRecord,
  changes: CheckRunChanges,
): void {
  requireApp(actor);
  const wasCompleted = run.status === "completed";
  apply(github, repository, run, changes);
  if (run.status === "completed" && !wasCompleted) announceCheckRun(github, repository, run, actor, "completed");
}

/** Presses one of a completed check run's buttons. */
export function requestCheckAction(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  run: CheckRunRecord,
  identifier: string,
): void {
  requireRole(repository, actor, "write");
  if (run.status !== "completed") throw new Refusal(422, "Only a completed check run shows buttons.");
  if (!run.actions.some((action) => action.identifier === identifier)) {
    throw new Refusal(422, `This check run has no button ${identifier}.`);
  }
  announceCheckRun(github, repository, run, actor, "requested_action", { requested_action: { identifier } });
}

/** Asks the app to run a check again; the run itself stays as it is until the app does something. */
export function rerequestCheckRun(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  run: CheckRunRecord,
): void {
  requireRole(repository, actor, "write");
  if (run.status !== "completed") throw new Refusal(422, "This check run is not rerequestable");
  announceCheckRun(github, repository, run, actor, "rerequested");
}

/** Changes a run, or refuses to and leaves it as it was. */
function apply(github: GitHub, repository: RepositoryRecord, run: CheckRunRecord, changes: CheckRunChanges): void {
  const now = timestamp(github);
  const { output } = changes;
  // A conclusion completes the run, whatever its status was.
  const status = changes.conclusion === undefined ? (changes.status ?? run.status) : "completed";
  const conclusion = status === "completed" ? (changes.conclusion ?? run.conclusion) : null;
  checkConclusion(status, conclusion, changes);
  if (output?.images !== undefined) throw new Error("the stand-in does not implement images of check runs");
  for (const annotation of output?.annotations ?? []) checkAnnotation(annotation);

  run.name = changes.name ?? run.name;
  run.detailsUrl = changes.details_url ?? run.detailsUrl;
  run.externalId = changes.external_id ?? run.externalId;
  run.status = status;
  run.conclusion = conclusion;
  run.startedAt = changes.started_at ?? run.startedAt ?? (status === "queued" ? null : now);
  run.completedAt = status === "completed" ? (changes.completed_at ?? run.completedAt ?? now) : null;
  run.actions = changes.actions === undefined ? run.actions : [...changes.actions];
  if (output !== undefined) {
    run.output = {
      title: output.title ?? run.output.title,
      summary: output.summary,
      text: output.text ?? run.output.text,
    };
    // Each call adds its annotations to those that are there.
    run.annotations.push(...(output.annotations ?? []).map(toAnnotation));
  }
  github.store.changed(repository);
}

function toAnnotation(annotation: NewAnnotation): CheckAnnotationRecord {
  const { start_column = null, end_column = null, title = null, raw_details = null, ...rest } = annotation;
  return { ...rest, start_column, end_column, title, raw_details };
}

function requireApp(actor: UserRecord): void {
  if (!isOwnBot(actor)) throw new Refusal(403, "You must authenticate via a GitHub App.");
}

function announceCheckRun(
  github: GitHub,
  repository: RepositoryRecord,
  run: CheckRunRecord,
  sender: UserRecord,
  action: "created" | "completed" | "requested_action" | "rerequested",
  more: Readonly<Record<string, unknown>> = {},
): void {
  announce(github, repository, sender, "check_run", action, {
    check_run: presentCheckRunEvent(github, repository, run),
    ...more,
  });
}
