import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cleanUp, keepLogs } from "../../../infra/newcomer/clean-up.ts";
import { marker, type Places, placesBelow } from "../../../infra/newcomer/environment.ts";
import { newcomersProcesses } from "../../../infra/newcomer/snapshot.ts";

let places: Places;
beforeEach(async () => {
  places = placesBelow(await mkdtemp(join(tmpdir(), "gr-")));
});
afterEach(async () => {
  await rm(places.folder, { recursive: true, force: true });
});

function sleeper(mark: string): ChildProcess {
  return spawn(process.execPath, ["--eval", "setInterval(() => undefined, 1000)"], { env: { [marker]: mark } });
}

describe("cleaning up", () => {
  test("removes what Go keeps read-only", async () => {
    const module = join(places.home, "go-mod", "example.com@v1.0.0");
    await mkdir(module, { recursive: true });
    await writeFile(join(module, "go.mod"), "module example.com\n", { mode: 0o444 });
    await chmod(module, 0o555);
    await cleanUp(places, "mark");
    expect(existsSync(places.folder)).toBe(false);
  });

  test("ends the processes that were started there, and no others", async () => {
    const mine = sleeper("mine");
    const other = sleeper("other");
    try {
      await Promise.all([once(mine, "spawn"), once(other, "spawn")]);
      const ended = once(mine, "exit");
      expect((await newcomersProcesses(places, "mine")).map(({ pid }) => pid)).toEqual([mine.pid]);
      await cleanUp(places, "mine");
      await ended;
      expect(mine.signalCode).toBe("SIGKILL");
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      mine.kill("SIGKILL");
      other.kill("SIGKILL");
    }
  });

  test("logs can be kept, the lab's too", async () => {
    await mkdir(places.logs, { recursive: true });
    await mkdir(join(places.labState, "logs"), { recursive: true });
    await writeFile(join(places.logs, "demo.log"), "said\n");
    await writeFile(join(places.labState, "logs", "etcd.log"), "etcd\n");
    const kept = await keepLogs(places);
    try {
      expect(await readFile(join(kept, "demo.log"), "utf8")).toBe("said\n");
      expect(await readFile(join(kept, "lab", "etcd.log"), "utf8")).toBe("etcd\n");
    } finally {
      await rm(kept, { recursive: true, force: true });
    }
  });
});
