import { readLabStatus } from "../../infra/local/lab/status.ts";
import { createOciRegistry } from "../../src/adapters/oci/registry.ts";
import { registryContract } from "../contract/registry.contract.ts";
import { pushAuthorization, pushImage } from "./push-image.ts";

registryContract("the lab's, by HTTP", async () => {
  const lab = await readLabStatus();
  if (lab === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const authorization = pushAuthorization(lab);
  return {
    registry: createOciRegistry({
      registry: `${lab.registry}/contract`,
      authFile: lab.registryAuthFile,
      insecure: true,
    }),
    push: (reference, content) => pushImage(reference, content, authorization),
    close: async () => undefined,
  };
});
