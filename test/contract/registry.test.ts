import { createFakeRegistry } from "../fakes/registry.ts";
import { registryContract } from "./registry.contract.ts";

registryContract("in memory", async () => {
  const registry = createFakeRegistry();
  return {
    registry,
    push: async (reference, content) => registry.push(reference, content),
    close: async () => undefined,
  };
});
