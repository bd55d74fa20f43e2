import type { KitOptions } from "../objects/namespace-kit.ts";
import type { Limits } from "../policy/capacity.ts";
import type { Lifetime } from "../policy/lifetime.ts";
import type { OperatorPolicy } from "../policy/triggers.ts";
import type { Builder } from "../ports/builder.ts";
import type { CallBudget } from "../ports/call-budget.ts";
import type { Checkouts } from "../ports/checkouts.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { ImageLedger } from "../ports/image-ledger.ts";
import type { Log } from "../ports/log.ts";
import type { PullRequests } from "../ports/pull-requests.ts";
import type { Queue } from "../ports/queue.ts";
import type { Records } from "../ports/records.ts";
import type { Registry } from "../ports/registry.ts";
import type { Releases } from "../ports/releases.ts";
import type { Address } from "../preview/urls.ts";

/** What the operator decided and the pipeline has to keep to. */
export type Rules = {
  address: Address;
  /** Platform that images are built for, e.g. `linux/amd64`. */
  platform: string;
  /** Keep the build cache in the registry as well, for builders that do not share a disk. */
  registryCache: boolean;
  readySeconds: number;
  images: {
    /** How long an image is kept that nothing uses; 0 keeps all of them. */
    graceMs: number;
    /** Longest time that one may take to build. */
    buildMs: number;
  };
  /** What every namespace kit is made with. */
  kit: Pick<KitOptions, "limits" | "gateway" | "blockedCidrs">;
  /** Absolute path of the folder with Greenroom's own charts. */
  charts: string;
  lifetime: Lifetime;
  limits: Limits;
  /** Which pull requests may have a preview at all. */
  previews: OperatorPolicy;
};

/** Everything the pipeline needs of the world, as ports. */
export type World = {
  pullRequests: PullRequests;
  budget: Pick<CallBudget, "isLow">;
  queue: Pick<Queue, "enqueue">;
  checkouts: Checkouts;
  builder: Builder;
  registry: Registry;
  ledger: ImageLedger;
  records: Records;
  cluster: Cluster;
  releases: Releases;
  clock: Clock;
  log: Log;
  rules: Rules;
};
