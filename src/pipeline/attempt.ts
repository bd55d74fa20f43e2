import { labelObjects } from "../objects/label.ts";
import { guard, violationsFailure } from "../objects/guard.ts";
import type { SourcedObject } from "../objects/kubernetes-object.ts";
import { type BuiltImage, placeImages } from "../objects/place-images.ts";
import { FailureError, type Result } from "../preview/failure.ts";
import { namespaceOf } from "../preview/names.ts";
import type { Rebuild } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { type PreviewUrl, previewUrls } from "../preview/urls.ts";
import { usesOwnConfiguration } from "../policy/trust.ts";
import type { Checkout } from "../ports/checkouts.ts";
import type { DeployerAccess } from "../ports/cluster.ts";
import { ineffectiveChanges, withConfigurationOf } from "../project/base-configuration.ts";
import { settle } from "../policy/declared.ts";
import { interpolate, type Variables } from "../project/interpolate.ts";
import { mainService } from "../project/main-service.ts";
import { defaultServiceName, type Project } from "../project/project.ts";
import { readProject } from "../project/read-project.ts";
import { buildImages } from "./build-images.ts";
import { type PlannedBuild, planBuilds, variablesOf } from "./plan-builds.ts";
import { noticesToKeep } from "./notices.ts";
import { prepare } from "./prepare.ts";
import type { Progress } from "./progress.ts";
import { rebuildNotices } from "./rebuild-notices.ts";
import { withScope } from "./scope.ts";
import { start } from "./start.ts";
import type { Stages } from "./stages.ts";
import type { World } from "./world.ts";

/** Stands for the main service where the configuration names none, until the objects show which one it is. */
const unnamedService = { name: defaultServiceName, service: defaultServiceName, port: 80 };

/** What one attempt works on. */
export type Attempt = {
  pr: PullRequest;
  tier: "trusted" | "fork";
  progress: Progress;
  stages: Stages;
  /** What is to be built anew. */
  rebuild: Rebuild | undefined;
};

/**
 * From the commit to a preview that is ready; resolves with the images that it runs. What does not depend on each other
 * runs together.
 */
export async function attempt(
  world: World,
  { pr, tier, progress, stages, rebuild }: Attempt,
  outer: AbortSignal,
): Promise<BuiltImage[]> {
  const record = progress.preview();
  const namespace = namespaceOf(record.name);
  return await withScope(outer, async (scope) => {
    const { signal } = scope;
    const preparing = scope.run(
      async () => await stages.measure("prepare", () => prepare(world, { progress, tier, rebuild }, signal)),
    );
    const access = scope.run(async () => await preparing);
    try {
      const checkout = await stages.measure("checkout", async () => {
        const git = await world.pullRequests.gitAccess(pr, signal);
        return await world.checkouts.fetch(pr.key.repository.id, git, pr.head.sha, signal);
      });
      try {
        const isOwnUsed = usesOwnConfiguration(pr);
        const files = isOwnUsed ? checkout : withConfigurationOf(pr.base.config, checkout);
        const ofPolicy = await ineffectiveChanges(checkout, pr.base, isOwnUsed);
        const project = unwrap(await readProject(files));
        const exposed = project.expose.length > 0 ? project.expose : [unnamedService];
        const addresses = previewUrls(record.name, exposed, world.rules.address);
        const { declared } = project;
        const { values: set, notices: ofValues } = settle(declared, record.spec.overrides ?? []);
        const plan = await planBuilds(world, { pr, checkout, project, addresses, set, rebuild }, signal);
        await progress.update({ images: plan.map(({ status }) => status), declared });

        const building = scope.run(
          async () =>
            await stages.measure("build", () => buildImages(world, { pr, tier, checkout, plan, progress }, signal)),
        );
        const rendered = await scope.run(async () => {
          const deployer = await access;
          return await stages.measure("render", () =>
            render(world, { pr, namespace, checkout, project, addresses, set, plan }, deployer, signal),
          );
        });
        const built = await building;
        const placed = unwrap(placeImages(rendered, built, { imagePaths: project.imagePaths }));
        const urls =
          project.expose.length > 0
            ? addresses
            : previewUrls(
                record.name,
                [unwrap(mainService(placed.objects.map(({ object }) => object)))],
                world.rules.address,
              );
        const objects = labelObjects(placed.objects, {
          preview: record,
          namespace,
          commit: pr.head.sha,
          attempt: record.status.attempt ?? 0,
        });
        const judged = guard(objects, { namespace, hosts: urls.map(({ host }) => host), kinds: [] });
        if (judged.violations.length > 0) throw new FailureError(violationsFailure(judged.violations));
        await progress.update({
          phase: "Deploying",
          urls,
          notices: noticesToKeep([
            ...ofPolicy,
            ...ofValues,
            ...rebuildNotices(rebuild, plan),
            ...project.notices,
            ...placed.notices,
            ...judged.notices,
          ]),
        });
        await start(
          world,
          {
            namespace,
            release: project.source.release,
            objects: judged.kept,
            urls,
            attempt: record.status.attempt ?? 0,
            progress,
            stages,
          },
          await access,
          signal,
        );
        return built;
      } finally {
        await checkout.dispose();
      }
    } finally {
      await access.then((deployer) => deployer.dispose()).catch(() => undefined);
    }
  });
}

type Rendering = {
  pr: PullRequest;
  namespace: string;
  checkout: Checkout;
  project: Project;
  addresses: readonly PreviewUrl[];
  set: Variables["set"];
  plan: readonly PlannedBuild[];
};

async function render(
  world: World,
  { pr, namespace, checkout, project, addresses, set, plan }: Rendering,
  access: DeployerAccess,
  signal: AbortSignal,
): Promise<SourcedObject[]> {
  const { kind, chart, release, valueFiles, values } = project.source;
  const image = Object.fromEntries(plan.map(({ status }) => [status.name, status.reference]));
  const state = await world.releases.state(namespace, release, signal);
  return await world.releases.render(
    {
      checkout: kind === "chart" ? checkout.directory : world.rules.charts,
      chart,
      valueFiles,
      values: unwrap(interpolate(values, variablesOf(pr, addresses, set, image))),
      namespace,
      release,
      isUpgrade: state !== undefined,
    },
    access,
    signal,
  );
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new FailureError(result.failure);
  return result.value;
}
