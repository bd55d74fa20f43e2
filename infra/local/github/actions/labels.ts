import { type GitHub, timestamp } from "../context.ts";
import { labelsOf, presentLabel } from "../present/labels.ts";
import { presentIssue } from "../present/threads.ts";
import type { LabelRecord, RepositoryRecord, ThreadRecord, UserRecord } from "../store/records.ts";
import { announce } from "../webhooks/events.ts";
import { announcePullRequest } from "./pull-requests.ts";
import { invalid, notFound } from "./refusal.ts";
import { requireRole } from "./roles.ts";

export interface NewLabel {
  readonly name: string;
  readonly color?: string | undefined;
  readonly description?: string | null | undefined;
}

/** Makes a label of a repository. */
export function createLabel(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  { name, color = "ededed", description = null }: NewLabel,
): LabelRecord {
  requireRole(repository, actor, "triage");
  if (findLabel(repository, name) !== undefined) throw invalid("Label", "name", "already_exists");
  const label: LabelRecord = { id: github.store.nextId(), name, color, description };
  repository.labels.push(label);
  github.store.changed(repository);
  return label;
}

/** The label of a name, in whatever case it is written. */
export function findLabel(repository: RepositoryRecord, name: string): LabelRecord | undefined {
  return repository.labels.find((label) => label.name.toLowerCase() === name.toLowerCase());
}

/** Puts labels on an issue or pull request; unknown ones are made, as GitHub does. */
export function addLabels(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  names: readonly string[],
): void {
  requireRole(repository, actor, "triage");
  for (const name of names) {
    const label = findLabel(repository, name) ?? createLabel(github, actor, repository, { name });
    if (thread.labelIds.includes(label.id)) continue;
    thread.labelIds.push(label.id);
    announceLabel(github, repository, thread, label, actor, "labeled");
  }
}

/** Gives an issue or pull request these labels and no others. */
export function setLabels(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  names: readonly string[],
): void {
  requireRole(repository, actor, "triage");
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const others = labelsOf(repository, thread).filter(({ name }) => !wanted.has(name.toLowerCase()));
  for (const { name } of others) removeLabel(github, actor, repository, thread, name);
  addLabels(github, actor, repository, thread, names);
}

/** Removes a label from the repository, and so from all that carries it. */
export function deleteLabel(github: GitHub, actor: UserRecord, repository: RepositoryRecord, label: LabelRecord): void {
  requireRole(repository, actor, "write");
  for (const thread of repository.threads) {
    if (thread.labelIds.includes(label.id)) removeLabel(github, actor, repository, thread, label.name);
  }
  repository.labels = repository.labels.filter((each) => each !== label);
  github.store.changed(repository);
}

/** Takes a label off an issue or pull request. */
export function removeLabel(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  name: string,
): void {
  requireRole(repository, actor, "triage");
  const label = findLabel(repository, name);
  if (label === undefined || !thread.labelIds.includes(label.id)) throw notFound();
  thread.labelIds = thread.labelIds.filter((id) => id !== label.id);
  announceLabel(github, repository, thread, label, actor, "unlabeled");
}

function announceLabel(
  github: GitHub,
  repository: RepositoryRecord,
  thread: ThreadRecord,
  label: LabelRecord,
  sender: UserRecord,
  action: "labeled" | "unlabeled",
): void {
  thread.updatedAt = timestamp(github);
  github.store.changed(repository);
  const about = { label: presentLabel(github, repository, label) };
  if (thread.kind === "pull") announcePullRequest(github, repository, thread, sender, action, about);
  else
    announce(github, repository, sender, "issues", action, {
      issue: presentIssue(github, repository, thread),
      ...about,
    });
}
