import type { Deliveries, DeliveryAttempt } from "../../src/ports/deliveries.ts";

export type FakeDeliveries = Deliveries & {
  /** GitHub delivers an event: `receive` is what the intake does with it, and a rejection is a failed delivery. */
  deliver(receive: () => Promise<void>): Promise<void>;
  /** Every attempt so far, oldest first. */
  attempts(): readonly DeliveryAttempt[];
};

/** GitHub's memory of the App's deliveries. It asks for nothing again by itself. */
export function createFakeDeliveries(now: () => Date): FakeDeliveries {
  const log: DeliveryAttempt[] = [];
  const receivers = new Map<string, () => Promise<void>>();

  const attempt = async (guid: string) => {
    const deliveredAt = now();
    const succeeded = await (receivers.get(guid)?.() ?? Promise.resolve()).then(
      () => true,
      () => false,
    );
    log.push({ id: String(log.length + 1), guid, deliveredAt, succeeded });
  };

  return {
    async deliver(receive) {
      const guid = `guid-${receivers.size + 1}`;
      receivers.set(guid, receive);
      await attempt(guid);
    },
    attempts: () => log,
    async troubled(since, signal) {
      signal.throwIfAborted();
      const recent = log.filter(({ deliveredAt }) => deliveredAt >= since);
      const failed = new Set(recent.filter(({ succeeded }) => !succeeded).map(({ guid }) => guid));
      return recent.filter(({ guid }) => failed.has(guid)).toReversed();
    },
    async redeliver(id, signal) {
      signal.throwIfAborted();
      const found = log.find((each) => each.id === id);
      if (found === undefined) throw new Error(`there is no delivery ${id}`);
      await attempt(found.guid);
    },
  };
}
