import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let app: Octokit;
let clone: Clone;
let first: string;
const repository = { owner: "maintainer", repo: "shop" };
const plain = { auto_merge: false, required_contexts: [] };

beforeAll(async () => {
  world = await startWorld();
  clone = await shop(world);
  first = await clone.git("rev-parse", "main");
  app = await world.installation();
});

afterAll(() => world.close());

async function deploy(environment: string, more: Record<string, unknown> = {}): Promise<number> {
  const { data } = await app.rest.repos.createDeployment({ ...repository, ref: first, ...plain, environment, ...more });
  if (!("id" in data)) throw new Error("the deployment was not made");
  return data.id;
}

async function state(deployment_id: number): Promise<string | undefined> {
  const { data } = await app.rest.repos.listDeploymentStatuses({ ...repository, deployment_id });
  return data[0]?.state;
}

describe("deployments", () => {
  test("carry a URL, and are found by commit and environment", async () => {
    const id = await deploy("preview-1", { transient_environment: true, production_environment: false });
    await app.rest.repos.createDeploymentStatus({
      ...repository,
      deployment_id: id,
      state: "success",
      environment_url: "http://1-shop.preview.test",
      log_url: "http://logs.test/1",
      auto_inactive: false,
    });
    const { data: statuses } = await app.rest.repos.listDeploymentStatuses({ ...repository, deployment_id: id });
    expect(statuses).toMatchObject([{ state: "success", environment_url: "http://1-shop.preview.test" }]);
    const { data: found } = await app.rest.repos.listDeployments({
      ...repository,
      sha: first,
      environment: "preview-1",
    });
    expect(found).toMatchObject([
      { id, sha: first, transient_environment: true, creator: { login: "greenroom[bot]" } },
    ]);
  });

  test("older ones of the environment are retired by a success, transient and production ones are not", async () => {
    const [plainOne, transient] = [await deploy("staging"), await deploy("staging", { transient_environment: true })];
    for (const deployment_id of [plainOne, transient]) {
      await app.rest.repos.createDeploymentStatus({ ...repository, deployment_id, state: "success" });
    }
    const newest = await deploy("staging");
    await app.rest.repos.createDeploymentStatus({ ...repository, deployment_id: newest, state: "success" });
    expect([await state(plainOne), await state(transient), await state(newest)]).toEqual([
      "inactive",
      "success",
      "success",
    ]);
  });

  test("are deleted only when inactive, or alone in their environment", async () => {
    const [one, other] = [await deploy("qa"), await deploy("qa")];
    await expect(app.rest.repos.deleteDeployment({ ...repository, deployment_id: one })).rejects.toMatchObject({
      status: 422,
    });
    await app.rest.repos.createDeploymentStatus({ ...repository, deployment_id: one, state: "inactive" });
    await app.rest.repos.deleteDeployment({ ...repository, deployment_id: one });
    await app.rest.repos.deleteDeployment({ ...repository, deployment_id: other });
    await expect(app.rest.repos.getDeployment({ ...repository, deployment_id: one })).rejects.toMatchObject({
      status: 404,
    });
  });

  test("unless told not to, bring a branch up to date first, and want its checks to have succeeded", async () => {
    const head = await clone.commit("behind", { "page.html": "blue\n" });
    await clone.git("push", "--quiet", "origin", "behind");
    await clone.git("checkout", "--quiet", "main");
    await clone.commit("main", { "README.md": "# The shop\n" });
    await clone.git("push", "--quiet", "origin", "main");
    const merged = await app.rest.repos.createDeployment({ ...repository, ref: "behind" });
    expect(merged).toMatchObject({
      status: 202,
      data: { message: expect.stringMatching(/^Auto-merged main into behind/) },
    });
    const tip = (await clone.git("ls-remote", "origin", "behind")).slice(0, 40);
    expect(tip).not.toBe(head);
    await app.rest.checks.create({ ...repository, name: "preview", head_sha: tip, status: "in_progress" });
    await expect(app.rest.repos.createDeployment({ ...repository, ref: "behind" })).rejects.toMatchObject({
      status: 409,
    });
  });
});

describe("environments", () => {
  test("outlive their deployments, until somebody with administration permission deletes them", async () => {
    const id = await deploy("preview-9", { transient_environment: true });
    await app.rest.repos.deleteDeployment({ ...repository, deployment_id: id });
    const maintainer = world.as("maintainer");
    const names = async () => {
      const { data } = await maintainer.rest.repos.getAllEnvironments(repository);
      return data.environments?.map(({ name }) => name);
    };
    expect(await names()).toContain("preview-9");
    const one = { ...repository, environment_name: "preview-9" };
    await expect(app.rest.repos.deleteAnEnvironment(one)).rejects.toMatchObject({ status: 403 });
    await maintainer.rest.repos.deleteAnEnvironment(one);
    expect(await names()).not.toContain("preview-9");
  });
});
