import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headline, waitForComment } from "../../infra/local/demo/conversation.ts";
import { replaceFiles } from "../../infra/local/demo/person.ts";
import { describeCase, materialise } from "../repos/load.ts";
import { runningLab, type Stage, stage } from "./stage.ts";

describe("health after ready", () => {
  let hello: Stage;

  beforeAll(async () => {
    hello = await stage(await runningLab(), "hello");
  });
  afterAll(async () => {
    await hello.clone.dispose();
  });

  test("a container that dies after three seconds turns the preview to failing, and the comment says why", async () => {
    const { title, mentions } = await describeCase("dies-after-three-seconds");
    const folder = await mkdtemp(join(tmpdir(), "greenroom-case-"));
    try {
      await materialise({ broken: "dies-after-three-seconds" }, folder);
      const pr = await hello.propose("dies", title, (directory) => replaceFiles(folder, directory));
      const comment = await waitForComment(hello.owner, pr, "failing", (body) =>
        /^(failing|failed)/.test(headline(body)),
      );
      for (const text of mentions) expect(comment).toContain(text);
      await hello.close(pr);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
