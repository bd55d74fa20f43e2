import { readFileSync } from "node:fs";
import { createBullmqQueue } from "../../../src/adapters/bullmq/queue.ts";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createDeliveries } from "../../../src/adapters/github/deliveries.ts";
import { createInstallations } from "../../../src/adapters/github/installations.ts";
import { createPullRequests } from "../../../src/adapters/github/pull-requests.ts";
import { reconcile } from "../../../src/pipeline/reconcile.ts";
import { emptyMemory } from "../../../src/pipeline/sweep/memory.ts";
import { sweep, type SweepWorld } from "../../../src/pipeline/sweep/sweep.ts";
import type { World } from "../../../src/pipeline/world.ts";
import type { OpenPullRequests } from "../../../src/ports/installations.ts";
import { namespaceOf, recordNames } from "../../../src/preview/names.ts";
import { keyString } from "../../../src/preview/key.ts";
import { startRedis } from "../../contract/queue-redis-server.ts";
import { smallWorld } from "../../core/pipeline/small-world.ts";
import { roomyBudget } from "../../fakes/call-budget.ts";
import { fakeNamespace } from "../../fakes/kubernetes.ts";
import { fakeLeftovers } from "../../fakes/leftovers.ts";
import type { StandIn } from "./stand-in.ts";

const never = new AbortController().signal;

/**
 * Greenroom with the adapters of GitHub (on the stand-in) and of the queue (on a Redis of its own). Records, namespaces
 * and images are the contract-tested fakes, in this process.
 */
export async function resyncWorld(standIn: StandIn) {
  const redis = await startRedis();
  const queue = createBullmqQueue({ url: redis.url, concurrency: 20, onError: () => undefined });
  const options = {
    appId: standIn.appId,
    privateKey: readFileSync(standIn.privateKeyPath, "utf8"),
    apiUrl: standIn.apiUrl,
    budget: roomyBudget(),
  };
  const fakes = smallWorld();
  const { records, kubernetes } = fakes;
  const asked = new Set<string>();
  const world: World = {
    ...fakes.world,
    clock: systemClock,
    pullRequests: createPullRequests(options),
    queue: {
      async enqueue(key, cause) {
        await queue.enqueue(key, cause);
        asked.add(keyString(key));
      },
    },
  };
  const swept: SweepWorld = {
    ...world,
    commands: world.queue,
    installations: createInstallations(options),
    deliveries: createDeliveries(options),
    leftovers: fakeLeftovers(kubernetes, records),
  };
  const memory = emptyMemory();
  return {
    /** Pull requests that a look was asked for. */
    asked,
    installations: swept.installations,
    sweep: () => sweep(swept, memory, "one epoch", never),
    /** How many previews are there. */
    namespaces: () => kubernetes.namespaces.size,
    /** A record and a namespace as a deploy leaves them, for each pull request. */
    async deployAll({ installation, repository, pullRequests }: OpenPullRequests, fullName: string) {
      for (const { number, head } of pullRequests) {
        const spec = {
          repository: { ...repository, fullName },
          pullRequest: number,
          installation,
          want: "running",
        } as const;
        const names = recordNames(fullName.split("/")[1] ?? "", repository.id, number);
        const created = await records.ensure({ installation, repository, number }, names, spec, never);
        const namespace = namespaceOf(created.name);
        const claimed = await records.claim(created, never);
        const readyAt = systemClock.now().toISOString();
        const ready = { phase: "Ready", observedCommit: head, deployedCommit: head, namespace, readyAt } as const;
        await records.report(claimed, { ...ready, lastActivityAt: readyAt, reported: "told" }, never);
        kubernetes.namespaces.set(namespace, fakeNamespace(namespace, created.uid));
      }
    },
    /** Works on what is asked for until the returned function is called. */
    work: () =>
      queue.consume(
        (key, signal) => reconcile(world, key, signal, () => undefined),
        () => false,
      ),
    async stop() {
      await queue.close();
      await redis.stop();
    },
  };
}
