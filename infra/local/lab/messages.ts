import { z } from "zod";

/** What the lab's process tells the command that started it, while that one listens. */
const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("ready") }),
  z.object({ type: z.literal("failed"), reason: z.string() }),
]);
export type Message = z.infer<typeof message>;

/** How the lab's process is started. */
const orders = z.object({
  detach: z.boolean(),
  portOffset: z.number().int(),
  screen: z.object({ isTTY: z.boolean(), columns: z.number() }),
});
export type Orders = z.infer<typeof orders>;

export function readMessage(value: unknown): Message {
  return message.parse(value);
}

export function readOrders(text: string): Orders {
  return orders.parse(JSON.parse(text));
}
