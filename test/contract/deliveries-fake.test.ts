import { createFakeDeliveries } from "../fakes/deliveries.ts";
import { deliveriesContract } from "./deliveries.contract.ts";

const now = () => new Date("2026-01-01T00:00:00Z");

deliveriesContract("in memory", async () => {
  const deliveries = createFakeDeliveries(now);
  let accepts = true;
  let told = 0;
  const intake = async () => {
    told += 1;
    if (!accepts) throw new Error("503");
  };
  return {
    deliveries,
    happen: () => deliveries.deliver(intake),
    accept: (value) => {
      accepts = value;
    },
    told: () => told,
    settled: async () => undefined,
    now,
    dispose: async () => undefined,
  };
});
