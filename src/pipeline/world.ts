import type { Builder } from "../ports/builder.ts";
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

/** What the operator decided and the pipeline has to keep to. */
export type Rules = {
  /** Where previews are reached: `<scheme>://<host label>.<domain>[:<port>]`. */
  address: { scheme: "http" | "https"; domain: string; port: number | undefined };
  /** Platform that images are built for, e.g. `linux/amd64`. */
  platform: string;
  readySeconds: number;
  buildSeconds: number;
  /** Namespace of Greenroom itself, where the gateway's pods are. */
  namespace: string;
  deployersNamespace: string;
  /** Addresses of a gateway outside of the cluster, as CIDRs. */
  gatewayCidrs: readonly string[];
};

/** Everything the pipeline needs of the world, as ports. */
export type World = {
  pullRequests: PullRequests;
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
