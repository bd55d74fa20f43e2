import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { changeEverything, changeReadme, changeService, services } from "../../bench/deploy/changes.ts";
import { materialiseCompiledShop } from "../../bench/deploy/compiled-shop.ts";
import { openPlayed } from "../../bench/deploy/played.ts";
import type { Ours, Round, Theirs } from "../../bench/deploy/round.ts";
import { rowsOf } from "../../bench/deploy/rows.ts";
import { matching, mostAtOnce } from "../../bench/deploy/solves.ts";
import { materialise } from "../../repos/load.ts";

const solve = (started: number, ended: number | null) => ({ started, ended });

describe("solves at the same time", () => {
  test.each([
    ["none", [], 0],
    ["one after another", [solve(0, 10), solve(10, 20), solve(20, 30)], 1],
    ["two of three", [solve(0, 10), solve(5, 15), solve(12, 20)], 2],
    ["all", [solve(0, 10), solve(1, 9), solve(2, 3)], 3],
    ["with one that still runs", [solve(0, null), solve(5, 6)], 2],
  ])("%s", (_, history, most) => {
    expect(mostAtOnce(history)).toBe(most);
  });

  test("only images of the repository, from the moment on", () => {
    const history = [
      { ref: "early", images: ["r/1/web:a"], started: 9, ended: 10 },
      { ref: "mine", images: ["r/1/web:b"], started: 10, ended: 11 },
      { ref: "other", images: ["r/11/web:b"], started: 10, ended: 11 },
      { ref: "unnamed", images: [], started: 10, ended: 11 },
    ];
    expect(matching(history, "/1/", 10).map(({ ref }) => ref)).toEqual(["mine"]);
  });
});

describe("changes of the shop", () => {
  test("are what they say, and never the same twice", async () => {
    const folder = await mkdtemp(join(tmpdir(), "changes-"));
    const read = (path: string) => readFile(join(folder, path), "utf8");
    try {
      await materialise("shop", folder);
      const before = await read("services/web/server.js");
      await changeService(folder, "web");
      const changed = await read("services/web/server.js");
      expect(changed.startsWith(before)).toBe(true);
      await changeService(folder, "web");
      expect(await read("services/web/server.js")).not.toBe(changed);

      const readme = await read("README.md");
      await changeReadme(folder);
      expect(await read("README.md")).not.toBe(readme);

      const manifests = ["web", "api", "worker"].map((service) => `services/${service}/package.json`);
      const original = await Promise.all(manifests.map(read));
      await changeEverything(folder);
      const after = await Promise.all(manifests.map(read));
      for (const [index, text] of after.entries()) {
        const old: unknown = JSON.parse(original[index] ?? "");
        expect(JSON.parse(text)).toEqual({ ...Object(old), description: expect.stringMatching(/^Edition /) });
        expect(text).not.toBe(original[index]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

test("the compiled shop's images compile from their own files alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "compiled-"));
  try {
    await materialiseCompiledShop(folder);
    for (const service of services) {
      const stages = (await readFile(join(folder, "services", service, "Dockerfile"), "utf8")).split(/^(?=FROM )/m);
      expect(stages.map((stage) => stage.split("\n")[0])).toEqual([
        "FROM node:24-slim AS dependencies",
        "FROM node:24-slim AS compiled",
        "FROM node:24-slim",
      ]);
      expect(stages[1]).toContain("COPY . .\nRUN node compile.mjs\n");
      expect(stages[2]).toContain("COPY --from=compiled ");
      expect(await readFile(join(folder, "services", service, "compile.mjs"), "utf8")).toContain("compile.json");
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const ours = (seconds: number, solves: number): Ours => ({
  seconds,
  parts: { begin: 0.1, stages: [{ name: "build", seconds: seconds / 2 }], tell: 0.2 },
  builds: { solves, atOnce: solves },
});
const theirs = (seconds: number): Theirs => ({
  seconds,
  parts: { checkout: 0.1, namespace: 0.2, build: 1, helm: seconds - 1 },
  builds: { solves: 3, atOnce: 3 },
});
const round = (factor: number): Round => ({
  pushes: {
    first: { ours: ours(10 * factor, 3), theirs: theirs(10) },
    one: { ours: ours(4 * factor, 1), theirs: theirs(5) },
    none: { ours: ours(2 * factor, 0), theirs: theirs(4) },
    all: { ours: ours(9 * factor, 3), theirs: theirs(10) },
  },
  close: { ours: { stopped: 2, gone: 6, said: 6.5 }, theirs: { stopped: 30, gone: 40 } },
});
const stubborn: Round = {
  pushes: {},
  close: { ours: { stopped: 3, gone: 6, said: 7 }, theirs: { stopped: 31, gone: 50 } },
};
const named = (rounds: Round[], name: string) => rowsOf({ rounds, deaf: [stubborn] }).find((row) => row.name === name);

describe("the rows of the deploy benchmark", () => {
  test("compare medians", () => {
    const rounds = [round(1), round(100), round(1.1)];
    expect(named(rounds, "first deploy, push to ready")).toMatchObject({ ours: 11, theirs: 10, ratio: 1.1, met: true });
    expect(named(rounds, "one of three services changed, push to ready against a full build")).toMatchObject({
      ours: 4.4,
      theirs: 10,
      goal: "≤ 0.5 ×",
      met: true,
    });
    expect(named(rounds, "close to namespace gone")).toMatchObject({ ours: 6, theirs: 40, met: true });
    const deaf = named(rounds, "close to namespace gone, one process ignores SIGTERM");
    expect(deaf).toMatchObject({ ours: 6, theirs: 50, met: true });
    expect(named(rounds, "close to no pod left")).toMatchObject({ ours: 2, theirs: 30, goal: null });
  });

  test("one round that built too much is enough to miss", () => {
    const wasteful = round(1);
    wasteful.pushes.none = { ours: ours(2, 1), theirs: theirs(4) };
    const rounds = [round(1), wasteful, round(1)];
    expect(named(rounds, "no image changed, solves in BuildKit's history")).toMatchObject({ ours: 1, met: false });
    expect(named([round(1)], "no image changed, solves in BuildKit's history")).toMatchObject({ ours: 0, met: true });
  });

  test("say where the time went", () => {
    expect(named([round(1)], "first deploy: build")).toMatchObject({ ours: 5, theirs: null, goal: null, met: null });
    expect(named([round(1)], "first deploy: the script's helm")).toMatchObject({ ours: 9 });
  });
});

test("rounds are kept in a file and gone on from", async () => {
  const folder = await mkdtemp(join(tmpdir(), "played-"));
  try {
    const file = join(folder, "rounds.json");
    const first = await openPlayed(file);
    expect(first.rounds).toEqual([]);
    await first.add("rounds", round(1));
    const second = await openPlayed(file);
    expect(second).toMatchObject({ rounds: [round(1)], deaf: [] });
    await second.add("deaf", stubborn);
    await second.add("rounds", round(2));
    expect(rowsOf(await openPlayed(file))).toEqual(rowsOf({ rounds: [round(1), round(2)], deaf: [stubborn] }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
