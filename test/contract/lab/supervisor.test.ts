import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identify, isAlive } from "../../../infra/local/lab/processes.ts";
import { retryUntil } from "../../../infra/local/lab/readiness.ts";
import type { Service } from "../../../infra/local/lab/service.ts";
import { type Death, processesFile, Supervisor } from "../../../infra/local/lab/supervisor.ts";

let folder: string;
let deaths: Death[];
let supervisor: Supervisor;
const never = new AbortController().signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "supervisor-"));
  deaths = [];
  supervisor = new Supervisor({ logs: folder, run: folder, onDeath: (death) => deaths.push(death) });
});

afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

/** A service that is a line of shell, ready once its log holds a word. */
function shell(name: string, script: string, word = "ready"): Service {
  return {
    name,
    command: "sh",
    args: ["-c", script],
    stopTimeoutSeconds: 1,
    readiness: (signal) =>
      retryUntil(
        async () => {
          const log = await readFile(join(folder, `${name}.log`), "utf8");
          if (!log.includes(word)) throw new Error(`no ${word} yet`);
        },
        { seconds: 5, everyMilliseconds: 10, signal },
      ),
  };
}

async function recorded(): Promise<{ service: string; pid: number; startTime: string; bootId: string }[]> {
  return JSON.parse(await readFile(processesFile(folder), "utf8"));
}

describe("Supervisor", () => {
  test("waits for readiness, records the process, and stops it", async () => {
    await supervisor.start(shell("web", "echo ready; exec sleep 60"), never);
    const [process] = await recorded();
    expect(process).toMatchObject({ service: "web" });
    expect(process && isAlive(process)).toBe(true);
    await supervisor.stop("web");
    expect(process && isAlive(process)).toBe(false);
    expect(await recorded()).toEqual([]);
    expect(deaths).toEqual([]);
  });

  test("stops in the reverse order of the start", async () => {
    const script = (name: string): string =>
      `trap 'echo ${name} >> ${folder}/order; exit' TERM; echo ready; while :; do sleep 0.01; done`;
    for (const name of ["first", "second", "third"]) await supervisor.start(shell(name, script(name)), never);
    await supervisor.stopAll();
    expect(await readFile(join(folder, "order"), "utf8")).toBe("third\nsecond\nfirst\n");
  });

  test("one that dies before it is ready fails at once, with its last words", async () => {
    const started = supervisor.start(shell("web", "echo no disk left; exit 3"), never);
    await expect(started).rejects.toThrow(/web exited with code 3\n.*no disk left/s);
  });

  test("one that dies later is reported with its last words, and starts anew on request", async () => {
    await supervisor.start(shell("web", "echo ready; echo out of cheese; exec sleep 65"), never);
    const [process] = await recorded();
    globalThis.process.kill(process?.pid ?? 0, "SIGKILL");
    await retryUntil(async () => expect(deaths).toHaveLength(1), { seconds: 5, everyMilliseconds: 10 });
    expect(deaths[0]).toMatchObject({ service: "web", how: "was killed by SIGKILL" });
    expect(deaths[0]?.tail).toContain("out of cheese");
    expect(supervisor.dead()).toEqual(["web"]);
    await supervisor.restart("web", never);
    expect(supervisor.dead()).toEqual([]);
  });

  test("one that ignores its signal is killed, and what it left in its group as well", async () => {
    await supervisor.start(shell("web", "trap '' TERM; sleep 61 & echo pid $! ready; wait; sleep 62"), never);
    const child = Number(/pid (\d+)/.exec(await readFile(join(folder, "web.log"), "utf8"))?.[1]);
    expect(identify(child)).toBeDefined();
    await supervisor.stop("web");
    await retryUntil(async () => expect(identify(child)).toBeUndefined(), { seconds: 5, everyMilliseconds: 10 });
  });

  test("an aborted start ends with the abort", async () => {
    const stop = new AbortController();
    const started = supervisor.start(shell("web", "echo up; exec sleep 63", "never said"), stop.signal);
    stop.abort(new Error("enough"));
    await expect(started).rejects.toThrow("enough");
  });
});

describe("processes", () => {
  test("a pid that was used again is another process", async () => {
    const child = spawn("sleep", ["64"]);
    await once(child, "spawn");
    const identity = identify(child.pid ?? 0);
    expect(identity && isAlive(identity)).toBe(true);
    expect(identity && isAlive({ ...identity, startTime: "1" })).toBe(false);
    expect(identity && isAlive({ ...identity, bootId: "another boot" })).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(identity && isAlive(identity)).toBe(false);
  });
});
