import type { GitHub } from "../context.ts";
import type { LabelRecord, RepositoryRecord, ThreadRecord } from "../store/records.ts";
import { nodeId } from "./ids.ts";
import { repositoryApi } from "./repository.ts";

export function presentLabel(github: GitHub, repository: RepositoryRecord, label: LabelRecord) {
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: `${repositoryApi(github, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

/** The labels a thread carries, as records. */
export function labelsOf(repository: RepositoryRecord, thread: ThreadRecord): LabelRecord[] {
  return thread.labelIds.flatMap((id) => repository.labels.filter((label) => label.id === id));
}

export function presentLabels(github: GitHub, repository: RepositoryRecord, thread: ThreadRecord) {
  return labelsOf(repository, thread).map((label) => presentLabel(github, repository, label));
}
