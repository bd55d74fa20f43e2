import { afterAll, beforeAll, describe } from "vitest";
import { type Ground, openGround } from "./ground.ts";
import { gitHubCases } from "./github-cases.ts";
import { heldNamespace } from "./held.ts";
import { helmCases } from "./helm-cases.ts";
import { stores } from "./stores.ts";
import { superseding } from "./superseding.ts";
import { report, type Timing } from "./timings.ts";
import { workerLost } from "./worker-lost.ts";

// One file, because all of it plays on the same ground: the lab with workers of these tests' own.
describe("chaos", () => {
  let ground: Ground;
  const timings: Timing[] = [];
  const here = () => ground;

  beforeAll(async () => {
    ground = await openGround();
  });
  afterAll(async () => {
    await ground.close();
    await report(timings);
  });

  workerLost(here, timings);
  superseding(here, timings);
  helmCases(here, timings);
  stores(here, timings);
  gitHubCases(here, timings);
  heldNamespace(here, timings);
});
