import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headline, waitForComment } from "../../infra/local/demo/conversation.ts";
import { replaceFiles } from "../../infra/local/demo/person.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenCases, describeCase, materialise } from "../repos/load.ts";
import { failed, runningLab, type Stage, stage } from "./stage.ts";

/** Cases that are about what happens after the preview was ready; they have tests of their own. */
const notAtOnce = new Set(["dies-after-three-seconds"]);

describe("bad input ends in an explanation", () => {
  let hello: Stage;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
  });
  afterAll(async () => {
    await hello.clone.dispose();
  });

  test.concurrent.each(brokenCases.filter((name) => !notAtOnce.has(name)))("%s", async (name) => {
    const { title, mentions } = await describeCase(name);
    const folder = await mkdtemp(join(tmpdir(), "greenroom-case-"));
    try {
      await materialise({ broken: name }, folder);
      const pr = await hello.propose(name, title, (directory) => replaceFiles(folder, directory));
      const comment = await waitForComment(hello.owner, pr, "the failure", failed, 200);
      for (const text of mentions) expect(comment).toContain(text);
      expect(headline(comment)).toContain(pr.head.slice(0, 7));
      await hello.close(pr);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
