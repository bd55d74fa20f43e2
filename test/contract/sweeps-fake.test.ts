import { setTimeout as sleep } from "node:timers/promises";
import { createFakeSweeps } from "../fakes/sweeps.ts";
import { sweepsContract } from "./sweeps.contract.ts";

sweepsContract("in memory", async () => {
  const sweeps = createFakeSweeps({
    now: () => new Date(),
    wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  });
  return { open: () => sweeps, flush: async () => sweeps.flush(), dispose: async () => undefined };
});
