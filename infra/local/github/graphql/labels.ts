import { nodeId } from "../present/ids.ts";
import { repositoryPage } from "../present/repository.ts";
import type { LabelRecord, RepositoryRecord } from "../store/records.ts";
import type { GraphObject, Query } from "./fields.ts";

export function labelObject({ github }: Query, repository: RepositoryRecord, label: LabelRecord): GraphObject {
  const url = `${repositoryPage(github, repository)}/labels/${encodeURIComponent(label.name)}`;
  return {
    __typename: "Label",
    id: nodeId("LA", label.id),
    name: label.name,
    color: label.color,
    description: label.description,
    isDefault: false,
    url,
    resourcePath: new URL(url).pathname,
  };
}
