import { z } from "zod";

/** What the lab's process tells the command that started it, while that one listens. */
const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("failed"), reason: z.string() }),
]);
export type Message = z.infer<typeof message>;

/** A cluster of the user's own, instead of the lab's. */
const foreign = z.object({
  context: z.string(),
  /** HOST[:PORT][/PREFIX] */
  registry: z.string(),
  /** A Docker config.json. */
  registryAuth: z.string().optional(),
  /** The same with credentials that may only pull, for previews. */
  registryPullAuth: z.string().optional(),
  /** As buildctl's --addr wants it; without it the lab runs its own. */
  buildkit: z.string().optional(),
});
export type Foreign = z.infer<typeof foreign>;

/** How the lab's process is started. */
const orders = z.object({
  detach: z.boolean(),
  portOffset: z.number().int(),
  foreign: foreign.optional(),
  /** `official` or the URL of a mirror: where releases come from that are taken instead of compiling. */
  binaries: z.string().optional(),
  /** A file of checksums, instead of those in the repository. */
  binariesPins: z.string().optional(),
  screen: z.object({ isTTY: z.boolean(), columns: z.number() }),
});
export type Orders = z.infer<typeof orders>;

export function readMessage(value: unknown): Message {
  return message.parse(value);
}

export function readOrders(text: string): Orders {
  return orders.parse(JSON.parse(text));
}
