import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { followCommand } from "../../../infra/newcomer/follow-command.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "follow-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function follow(
  script: string,
  signal = new AbortController().signal,
  onLine: (line: string) => void = () => undefined,
) {
  const shown: string[] = [];
  const result = followCommand(process.execPath, ["--eval", script], {
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    prefix: "demo │ ",
    logFile: join(folder, "demo.log"),
    show: (line) => {
      shown.push(line);
      onLine(line);
    },
    signal,
  });
  return { result, shown };
}

describe("following a command", () => {
  test("shows its output with a prefix, logs it, and notes what came when", async () => {
    const script = `
      console.log("\\n> greenroom@0.1.0 demo");
      setTimeout(() => console.log("page at http://127.0.0.1:4000/"), 120);`;
    const { result, shown } = follow(script);
    const followed = await result;
    expect(shown).toEqual(["demo │ ", "demo │ > greenroom@0.1.0 demo", "demo │ page at http://127.0.0.1:4000/"]);
    expect(await readFile(join(folder, "demo.log"), "utf8")).toContain("page at http://127.0.0.1:4000/\n");
    expect(followed.code).toBe(0);
    expect(followed.firstOutputSeconds).toBeGreaterThan(0.12);
    expect(followed.firstPageSeconds).toBe(followed.firstOutputSeconds);
    expect(followed.longestSilenceSeconds).toBeGreaterThanOrEqual(followed.firstOutputSeconds ?? 0);
    expect(followed.seconds).toBeGreaterThan(followed.firstOutputSeconds ?? 0);
  });

  test("of a command that says nothing there is no first output, and its exit code is told", async () => {
    const followed = await follow("process.exitCode = 3").result;
    expect(followed).toMatchObject({ code: 3, firstOutputSeconds: undefined, firstPageSeconds: undefined });
    expect(followed.longestSilenceSeconds).toBe(followed.seconds);
  });

  test("an interrupt reaches it as Ctrl-C would, and its clean-up is waited for", async () => {
    const controller = new AbortController();
    const script = `
      process.on("SIGINT", () => { console.log("cleaned up"); process.exit(0); });
      setInterval(() => undefined, 1000);
      console.log("working");`;
    const { result, shown } = follow(script, controller.signal, (line) => {
      if (line.endsWith("working")) controller.abort();
    });
    expect((await result).code).toBe(0);
    expect(shown).toEqual(["demo │ working", "demo │ cleaned up"]);
  });

  test("a program that does not exist is an error", async () => {
    const options = { cwd: folder, env: {}, prefix: "", logFile: join(folder, "log"), show: () => undefined };
    const { signal } = new AbortController();
    await expect(followCommand(join(folder, "none"), [], { ...options, signal })).rejects.toThrow(/ENOENT/);
  });
});
