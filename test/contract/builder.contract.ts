import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Builder, BuildProgress, BuildRequest } from "../../src/ports/builder.ts";
import type { Registry } from "../../src/ports/registry.ts";
import { failureOf } from "../support/rejection.ts";

export type BuilderSetup = { builder: Builder; registry: Registry; close(): Promise<void> };

/** What every builder has to do. */
export function builderContract(name: string, setUp: () => Promise<BuilderSetup>): void {
  describe(`Builder: ${name}`, () => {
    let setup: BuilderSetup;
    let root: string;
    beforeAll(async () => {
      setup = await setUp();
      root = mkdtempSync(join(tmpdir(), "greenroom-builder-"));
    });
    afterAll(async () => {
      rmSync(root, { recursive: true });
      await setup.close();
    });

    const never = new AbortController().signal;
    // Steps hold it, so that a real builder's cache of an earlier run does not answer for them.
    const run = `run-${Date.now()}`;
    let images = 0;
    const request = (files: Record<string, string>, changes: Partial<BuildRequest> = {}): BuildRequest => {
      images += 1;
      const contextDirectory = join(root, String(images));
      mkdirSync(contextDirectory);
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(contextDirectory, path)), { recursive: true });
        writeFileSync(join(contextDirectory, path), text);
      }
      return {
        reference: `${setup.registry.repository(7, `contract-${images}`)}:${run}`,
        contextDirectory,
        dockerfile: "Dockerfile",
        dockerfileName: `services/${images}/Dockerfile`,
        args: {},
        platform: "linux/amd64",
        labels: {},
        fresh: false,
        ...changes,
      };
    };
    const build = (
      wanted: BuildRequest,
      signal = never,
      onProgress: (progress: BuildProgress) => void = () => undefined,
    ) => setup.builder.build(wanted, onProgress, signal);

    test("builds and pushes, and names the very digest that the registry has", async () => {
      const wanted = request({ Dockerfile: `FROM busybox:1.37\nCOPY page /page\nRUN echo ${run}\n`, page: "hello" });
      const { digest } = await build(wanted);
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await setup.registry.digest(wanted.reference, never)).toBe(digest);
    });

    test("tells its progress, never backwards and up to the last step", async () => {
      const seen: BuildProgress[] = [];
      const wanted = request({ Dockerfile: `FROM busybox:1.37\nRUN echo ${run} first\nRUN echo ${run} second\n` });
      await build(wanted, never, (progress) => seen.push(progress));
      const currents = seen.map(({ current }) => current);
      expect(currents).toEqual(currents.toSorted((a, b) => a - b));
      expect(seen.at(-1)).toMatchObject({ current: 3, total: 3 });
      expect(seen.map(({ step }) => step)).toContain(`RUN echo ${run} second`);
    });

    test("takes files, arguments, target and a Dockerfile elsewhere into account", async () => {
      const dockerfile = `FROM busybox:1.37 AS small\nARG WHO\nCOPY page /page\nRUN echo $WHO\nFROM small AS large\nRUN echo ${run}\n`;
      const files = { "docker/Dockerfile": "FROM nothing\n", "docker/web": dockerfile, page: "1" };
      const here = { dockerfile: "docker/web", target: "small", args: { WHO: "a" } };
      const digests = [
        request(files, here),
        request({ ...files, page: "2" }, here),
        request(files, { ...here, args: { WHO: "b" } }),
      ].map(async (wanted) => (await build(wanted)).digest);
      const absolute = request(files, here);
      digests.push(
        build({ ...absolute, dockerfile: join(absolute.contextDirectory, "docker/web"), labels: { for: "test" } }).then(
          ({ digest }) => digest,
        ),
      );
      expect(new Set(await Promise.all(digests)).size).toBe(4);
    });

    test("names the step that failed, its line, its exit code and its last lines", async () => {
      const step = `RUN echo ${run} && echo no dictionary && exit 3`;
      const wanted = request({ Dockerfile: `# comment\nFROM busybox:1.37\n\n${step}\nRUN echo never\n` });
      const failure = await failureOf(build(wanted));
      expect(failure).toMatchObject({
        kind: "user",
        code: "dockerfile-step-failed",
        where: { file: wanted.dockerfileName, line: 4 },
      });
      expect(failure.what).toContain(step);
      expect(failure.what).toContain("exit code 3");
      expect(failure.evidence).toBe(`${run}\nno dictionary`);
      expect(await setup.registry.digest(wanted.reference, never)).toBeUndefined();
    });

    test.each([
      ["an instruction that there is none of", "FROM busybox:1.37\nRUNN x\n", "dockerfile-invalid", 2, "RUNN"],
      [
        "a base image that does not exist",
        "FROM greenroom/no-such-image:9\n",
        "base-image-missing",
        1,
        "greenroom/no-such-image:9",
      ],
      [
        "a file that is not in the context",
        "FROM busybox:1.37\nCOPY nothere /x\n",
        "dockerfile-source-missing",
        2,
        "nothere",
      ],
    ])("explains %s", async (_, dockerfile, code, line, mention) => {
      const wanted = request({ Dockerfile: dockerfile });
      const failure = await failureOf(build(wanted));
      expect(failure).toMatchObject({ kind: "user", code, where: { file: wanted.dockerfileName, line } });
      expect(failure.what).toContain(mention);
    });

    test("explains a target that the Dockerfile does not have", async () => {
      const failure = await failureOf(build(request({ Dockerfile: "FROM busybox:1.37\n" }, { target: "test" })));
      expect(failure).toMatchObject({ kind: "user", code: "dockerfile-target-missing" });
    });

    test("an abort ends a running build with the signal's reason, and nothing is pushed", async () => {
      const stop = new AbortController();
      const wanted = request({ Dockerfile: `FROM busybox:1.37\nRUN echo ${run} && busybox sleep 300\n` });
      const building = build(wanted, stop.signal, ({ step }) => {
        // Not at once, so that the step is under way by then.
        if (step.startsWith("RUN")) setImmediate(() => stop.abort(new Error("superseded")));
      });
      await expect(building).rejects.toThrow("superseded");
      expect(await setup.registry.digest(wanted.reference, never)).toBeUndefined();
    });

    test("several builds at once do not disturb each other", async () => {
      const wanted = ["a", "b", "c"].map((text) =>
        request({ Dockerfile: `FROM busybox:1.37\nCOPY page /page\nRUN echo ${run}\n`, page: `${run} ${text}` }),
      );
      const built = await Promise.all(wanted.map((each) => build(each)));
      expect(new Set(built.map(({ digest }) => digest)).size).toBe(3);
    });
  });
}
