import type { Limits } from "../../policy/capacity.ts";
import type { Lifetime } from "../../policy/lifetime.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Cluster } from "../../ports/cluster.ts";
import type { Deliveries } from "../../ports/deliveries.ts";
import type { Installations } from "../../ports/installations.ts";
import type { Leftovers } from "../../ports/leftovers.ts";
import type { Log } from "../../ports/log.ts";
import type { Queue } from "../../ports/queue.ts";
import type { Records } from "../../ports/records.ts";
import { failureOf } from "../../preview/failure.ts";
import { collectImages, type CollectorWorld } from "../collect-images.ts";
import { askForCommands } from "./ask-for-commands.ts";
import { askForLooks, readGitHub } from "./ask-for-looks.ts";
import { clearLeftovers } from "./clear-leftovers.ts";
import { within } from "./deadline.ts";
import type { SweepMemory } from "./memory.ts";
import { redeliver } from "./redeliver.ts";

/** What the sweep needs of the world. */
export type SweepWorld = Pick<CollectorWorld, "ledger" | "registry"> & {
  installations: Installations;
  deliveries: Deliveries;
  leftovers: Leftovers;
  records: Pick<Records, "list" | "listFresh">;
  queue: Pick<Queue, "enqueue">;
  /** Where commands that people write wait to be done. */
  commands: Pick<Queue, "enqueue">;
  cluster: Pick<Cluster, "remove">;
  clock: Clock;
  log: Log;
  rules: { lifetime: Lifetime; limits: Limits } & CollectorWorld["rules"];
};

/** Images are kept for days, so nobody misses it when one goes an hour late. */
const collectEveryMs = 3_600_000;
/** No step holds up the next sweep for longer. */
const stepMs = 120_000;

/**
 * Finds whatever got lost: looks that nobody asked for, deliveries that did not arrive, objects without a record. It
 * decides nothing about a pull request, only that it needs a look. Any number may run at once; the trouble of one step
 * is logged and stops no other.
 */
export async function sweep(world: SweepWorld, memory: SweepMemory, epoch: string, signal: AbortSignal): Promise<void> {
  if (memory.epoch !== epoch) {
    // What was asked for in a store that lost its memory may never have been done.
    memory.looked.clear();
    memory.heard.clear();
    memory.epoch = epoch;
  }
  memory.turn += 1;
  const step = async (name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    try {
      await within(world.clock, stepMs, signal, work);
    } catch (error) {
      if (signal.aborted) return;
      const { code, what, kind } = failureOf(error);
      if (kind === "bug") world.log.error({ step: name, code }, `a step of the sweep failed: ${what}`, error);
      else world.log.warn({ step: name, code }, `a step of the sweep failed: ${what}`);
    }
  };
  await Promise.all([
    step("reading GitHub", async (limit) => {
      const startedAt = world.clock.now();
      const read = await readGitHub(world, limit);
      await Promise.all([
        step("pull requests", () => askForLooks(world, memory, read, limit)),
        step("commands", () => askForCommands(world, memory, read.open, startedAt, limit)),
      ]);
    }),
    step("leftovers", (limit) => clearLeftovers(world, memory.turn, limit)),
    step("deliveries", (limit) => redeliver(world, limit)),
    step("images", async (limit) => {
      const now = world.clock.now();
      if (memory.collectedAt !== undefined && now.getTime() - memory.collectedAt.getTime() < collectEveryMs) return;
      memory.collectedAt = now;
      await collectImages(world, limit);
    }),
  ]);
}
