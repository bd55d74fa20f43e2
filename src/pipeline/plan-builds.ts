import { isImageNamed } from "../policy/wishes.ts";
import { fingerprint, ignoreFiles } from "../images/fingerprint.ts";
import { type ImagePlan, planImages } from "../images/plan.ts";
import { type Failure, FailureError } from "../preview/failure.ts";
import type { ImageStatus, Rebuild } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { PreviewUrl } from "../preview/urls.ts";
import type { Checkout } from "../ports/checkouts.ts";
import { interpolateArgs, type Variables } from "../project/interpolate.ts";
import type { Project } from "../project/project.ts";
import type { World } from "./world.ts";

/** What is done for one image, and how the record shows it. */
export type PlannedBuild = {
  plan: ImagePlan;
  status: ImageStatus;
  /** Somebody asked for it to be built anew, whatever there is of it. */
  fresh: boolean;
};

export type PlanInput = {
  pr: PullRequest;
  checkout: Checkout;
  project: Project;
  addresses: readonly PreviewUrl[];
  /** Of each key that greenroom.yaml declares. */
  set: Variables["set"];
  /** What is to be built anew. */
  rebuild: Rebuild | undefined;
};

/** Build argument by which BuildKit would fetch another program to read the Dockerfile with. */
const frontendArgument = "BUILDKIT_SYNTAX";

/** Names each image by all that its build can see, and asks ledger and registry which of them exist already. */
export async function planBuilds(world: World, input: PlanInput, signal: AbortSignal): Promise<PlannedBuild[]> {
  const { pr, checkout, project, addresses, set, rebuild } = input;
  const repositoryId = pr.key.repository.id;
  const variables = variablesOf(pr, addresses, set, {});
  const [ledger, named] = await Promise.all([
    world.ledger.read(repositoryId, signal),
    Promise.all(
      project.images.map(async (configured) => {
        const args = interpolateArgs(configured.args, variables);
        if (!args.ok) throw new FailureError(args.failure);
        if (frontendArgument in args.value) throw new FailureError(foreignFrontend(configured.name));
        const image = { ...configured, args: args.value };
        const [own, shared] = ignoreFiles(image);
        const tag = fingerprint(image, checkout.entries, {
          dockerfile: (await checkout.readText(image.dockerfile)) ?? "",
          ignore: (await checkout.readText(own)) ?? (await checkout.readText(shared)),
          platform: world.rules.platform,
        });
        return { image, fingerprint: tag, reference: `${world.registry.repository(repositoryId, image.name)}:${tag}` };
      }),
    ),
  ]);
  // Another image of the same content may be the one that is built for both.
  const fresh = new Set(
    named.filter(({ image }) => isToRebuild(image.name, rebuild)).map(({ fingerprint: tag }) => tag),
  );
  const recorded = new Map<string, string>();
  for (const { reference, fingerprint: tag } of named) {
    if (fresh.has(tag)) continue;
    const entry = ledger.get(reference);
    if (entry?.state === "kept" && entry.digest !== undefined) recorded.set(reference, entry.digest);
  }
  const present = new Map<string, string>();
  await Promise.all(
    [...recorded.keys()].map(async (reference) => {
      const digest = await world.registry.digest(reference, signal);
      if (digest !== undefined) present.set(reference, digest);
    }),
  );
  const tags = named.map((each) => each.fingerprint);
  return planImages(named, recorded, present).map((plan, index) => {
    return { plan, status: statusOf(plan), fresh: fresh.has(tags[index] ?? "") };
  });
}

function isToRebuild(name: string, rebuild: Rebuild | undefined): boolean {
  if (rebuild === undefined) return false;
  return rebuild.images.length === 0 || rebuild.images.some((word) => isImageNamed(name, word));
}

function foreignFrontend(image: string): Failure {
  return {
    kind: "user",
    code: "build-argument-refused",
    what: `The image \`${image}\` has the build argument \`${frontendArgument}\`. Dockerfiles are read by BuildKit itself here.`,
    remedy: `Take \`${frontendArgument}\` out of \`args\`.`,
  };
}

function statusOf(plan: ImagePlan): ImageStatus {
  const { image, reference } = plan;
  return plan.do === "reuse"
    ? { name: image.name, reference, digest: plan.digest, outcome: "reused", seconds: 0 }
    : { name: image.name, reference, outcome: "pending" };
}

/** What `${…}` stands for in this pull request's configuration. */
export function variablesOf(
  pr: PullRequest,
  addresses: readonly PreviewUrl[],
  set: Variables["set"],
  image: Readonly<Record<string, string>>,
): Variables {
  return {
    pr: { number: pr.number },
    sha: pr.head.sha,
    host: Object.fromEntries(addresses.map(({ name, host }) => [name, host])),
    url: Object.fromEntries(addresses.map(({ name, url }) => [name, url])),
    image,
    set,
  };
}
