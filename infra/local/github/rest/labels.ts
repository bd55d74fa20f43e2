import { addLabels, createLabel, findLabel, removeLabel } from "../actions/labels.ts";
import { notFound } from "../actions/refusal.ts";
import { presentLabel, presentLabels } from "../present/labels.ts";
import { readThreads, threadOf, writeThreads } from "./issues.ts";
import { created, json, page } from "./reply.ts";
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
    const label = findLabel(repository, parameters.name);
    if (label === undefined) throw notFound();
    return json(presentLabel(github, repository, label));
  }),
  repositoryRoute("GET /repos/{owner}/{repo}/issues/{issue_number}/labels", readThreads, (call) => {
    const { github, repository, parameters } = call;
    return page(parameters, presentLabels(github, repository, threadOf(call)), (label) => label);
  }),
  repositoryRoute("POST /repos/{owner}/{repo}/issues/{issue_number}/labels", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    const names = (parameters.labels ?? []).map((label) => (typeof label === "string" ? label : label.name));
    addLabels(github, actor, repository, thread, names);
    return json(presentLabels(github, repository, thread));
  }),
  repositoryRoute("DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}", writeThreads, (call) => {
    const { github, repository, actor, parameters } = call;
    const thread = threadOf(call);
    removeLabel(github, actor, repository, thread, parameters.name);
    return json(presentLabels(github, repository, thread));
  }),
];
