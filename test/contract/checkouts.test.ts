import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGitCheckouts } from "../../src/adapters/git/checkouts.ts";
import { createFakeCheckouts } from "../fakes/checkouts.ts";
import { checkoutsContract } from "./checkouts.contract.ts";
import { startGitServer } from "./git-server.ts";

checkoutsContract("in memory", async () => {
  const checkouts = createFakeCheckouts();
  return {
    checkouts,
    access: () => ({ url: "http://localhost/", username: "", password: "" }),
    commit: (repositoryId, files) => checkouts.commit(repositoryId, files),
    close: async () => checkouts.close(),
  };
});

checkoutsContract("git over HTTP", async () => {
  const server = await startGitServer();
  const dataDirectory = mkdtempSync(join(tmpdir(), "greenroom-checkouts-"));
  return {
    checkouts: await openGitCheckouts({ dataDirectory }),
    access: (repositoryId) => ({ url: server.url(repositoryId), username: server.username, password: server.password }),
    commit: (repositoryId, files) => server.commit(repositoryId, files),
    async close() {
      rmSync(dataDirectory, { recursive: true });
      await server.close();
    },
  };
});
