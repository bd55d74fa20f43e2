import { createFakeInstallations } from "../fakes/installations.ts";
import { createFakeGitHub } from "../fakes/pull-requests.ts";
import { installationsContract } from "./installations.contract.ts";

installationsContract("in memory", async () => {
  const github = createFakeGitHub();
  return { github, installations: createFakeInstallations(github), dispose: async () => undefined };
});
