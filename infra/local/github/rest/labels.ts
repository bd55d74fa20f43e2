import { addLabels, createLabel, deleteLabel, findLabel, removeLabel, setLabels } from "../actions/labels.ts";
import { notFound } from "../actions/refusal.ts";
import { presentLabel, presentLabels } from "../present/labels.ts";
import type { LabelRecord, RepositoryRecord } from "../store/records.ts";
import { readThreads, threadOf, writeThreads } from "./issues.ts";
import { created, json, noContent, page } from "./reply.ts";
import { type Route, repositoryRoute } from "./route.ts";

export const labelRoutes: readonly Route[] = [
  repositoryRoute("GET /repos/{owner}/{repo}/labels", readThreads, ({ github, repository, parameters }) =>
    page(parameters, repository.labels, (label) => presentLabel(github, repository, label)),
  ),
  repositoryRoute("POST /repos/{owner}/{repo}/labels", writeThreads, ({ github, repository, actor, parameters }) => {
    const presented = presentLabel(github, repository, createLabel(github, actor, repository, parameters));
    return created(presented, presented.url);
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/labels/{name}", readThreads, ({ github, repository, parameters }) => {
    return json(presentLabel(github, repository, labelNamed(repository, parameters.name)));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/labels/{name}", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    deleteLabel(github, actor, repository, labelNamed(repository, parameters.name));
    return noContent;
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/{issue_number}/labels", readThreads, (call) => {
    const { github, repository, parameters } = call;
    return page(parameters, presentLabels(github, repository, threadOf(call)), (label) => label);
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/issues/{issue_number}/labels", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    addLabels(github, actor, repository, thread, namesOf(parameters.labels));
    return json(presentLabels(github, repository, thread));
  }),
  repositoryRoute("PUT /repos/{owner}/{repo}/issues/{issue_number}/labels", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    setLabels(github, actor, repository, thread, namesOf(parameters.labels));
    return json(presentLabels(github, repository, thread));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels", writeThreads, (call) => {
    const { github, repository, actor } = call;
    setLabels(github, actor, repository, threadOf(call), []);
    return noContent;
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    removeLabel(github, actor, repository, thread, parameters.name);
    return json(presentLabels(github, repository, thread));
  }),
];

/** Labels may be sent by their names or as objects that have one. */
function namesOf(labels: readonly (string | { readonly name: string })[] = []): string[] {
  return labels.map((label) => (typeof label === "string" ? label : label.name));
}

function labelNamed(repository: RepositoryRecord, name: string): LabelRecord {
  const label = findLabel(repository, name);
  if (label === undefined) throw notFound();
  return label;
}
