import { createFakeBuilder } from "../fakes/builder.ts";
import { createFakeRegistry } from "../fakes/registry.ts";
import { builderContract } from "./builder.contract.ts";

builderContract("in memory", async () => {
  const registry = createFakeRegistry();
  return { registry, builder: createFakeBuilder(registry), close: async () => undefined };
});
