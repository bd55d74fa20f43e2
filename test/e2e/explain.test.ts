import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headline, openPullRequest, waitForComment } from "../../infra/local/demo/conversation.ts";
import { cloneRepository, person } from "../../infra/local/demo/person.ts";
import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { takeBallast } from "./ballast.ts";
import { explainCases, hello } from "./explain-cases.ts";
import { type RefusingRegistry, refusingRegistry } from "./refusing-registry.ts";
import { failed, runningLab, type Stage, stage } from "./stage.ts";

/** Puts objects in the place of the sample's Deployment; JSON is YAML, and Helm fills in the values in its strings. */
const write =
  (objects: KubernetesObject[]) =>
  (directory: string): Promise<void> =>
    writeFile(
      join(directory, "chart/templates/deployment.yaml"),
      objects.map((object) => JSON.stringify(object)).join("\n---\n"),
    );

describe("why a workload fails is in the comment", () => {
  let repository: Stage;
  let registry: RefusingRegistry;
  let dropBallast: () => Promise<void>;

  beforeAll(async () => {
    const lab = await runningLab();
    [repository, registry, dropBallast] = await Promise.all([
      stage(lab, "hello"),
      refusingRegistry(),
      takeBallast(lab),
    ]);
  });
  afterAll(async () => {
    await Promise.all([repository.clone.dispose(), registry.close(), dropBallast()]);
  });

  test.concurrent.each(explainCases("").map(({ name }) => name))("%s", async (name) => {
    const found = explainCases(registry.host).find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no case ${name}`);
    const pr = await repository.propose(name, found.title, write(found.objects));
    const comment = await waitForComment(repository.owner, pr, "the failure", failed, 200);
    for (const text of found.says) expect(comment).toContain(text);
    await repository.close(pr);
  });

  test.concurrent("Pod Security, of a fork that was approved", async () => {
    const { lab, owner, clone } = repository;
    const visitor = person(lab.github, "visitor");
    await visitor.octokit.repos.createFork({ owner: clone.owner, repo: clone.repository });
    const fork = await cloneRepository(lab.github, visitor, visitor.login, clone.repository);
    try {
      await fork.push("mine", "A page with all rights", write([hello({ securityContext: {} })]));
    } finally {
      await fork.dispose();
    }
    const pr = await openPullRequest(visitor, clone.owner, clone.repository, "visitor:mine", "A page with all rights");
    await waitForComment(owner, pr, "held", (body) => headline(body).startsWith("held"));
    const body = `/preview approve ${pr.head}`;
    await owner.octokit.issues.createComment({ owner: pr.owner, repo: pr.repo, issue_number: pr.number, body });
    const comment = await waitForComment(owner, pr, "the failure", failed, 200);
    for (const text of [
      "The pods of `Deployment/hello` are refused by the Pod Security Standard `restricted`.",
      "Set what each part of the message asks for in `securityContext` of the pod or container.",
      'container "hello" must set securityContext.allowPrivilegeEscalation=false',
    ]) {
      expect(comment).toContain(text);
    }
    await repository.close(pr);
  });
});
