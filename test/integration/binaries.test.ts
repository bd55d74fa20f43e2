import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildkitModule } from "../../infra/local/lab/programs.ts";
import { type BinarySource, binarySource, ChecksumMismatch } from "../../infra/local/supply/binaries.ts";
import { runCommand } from "../../infra/local/supply/command.ts";
import { buildkitProgram, buildProgram } from "../../infra/local/supply/programs.ts";
import { makeMirror, released, serveMirror } from "./release-mirror.ts";

const signal = new AbortController().signal;
const said: string[] = [];
const report = { detail: (line: string) => void said.push(line), fraction: () => undefined, cached: () => undefined };
let folder: string;
let source: BinarySource;
let server: Server;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "binaries-"));
  const pins = await makeMirror(folder);
  ({ server } = await serveMirror(folder, { host: "127.0.0.1", port: 0 }));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  source = binarySource(`http://127.0.0.1:${address.port}/releases`, pins);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a program says about itself. */
const version = async (program: string, ...args: string[]): Promise<string> =>
  (await runCommand(program, args, { signal, timeoutSeconds: 30 })).stdout;

test("releases take the place of compiled programs, and are called the same way", async () => {
  const cache = join(folder, "cache");
  const folders: string[] = [];
  for (const spec of released) folders.push(await buildProgram(spec, { cache, report, signal, binaries: source }));
  const [kubernetes = "", coredns = "", buildkit = ""] = folders;
  expect(readdirSync(kubernetes)).toContain("kube-apiserver");
  expect(readdirSync(buildkit).toSorted()).toEqual(["buildctl", "buildkitd", "pause"]);
  expect(await version(join(kubernetes, "kubernetes"), "kube-apiserver", "--version")).toContain("v1.35.4");
  expect(await version(join(kubernetes, "kubernetes"), "kubelet", "--version")).toContain("v1.35.4");
  expect(await version(join(kubernetes, "kubernetes"), "etcd", "--version")).toContain("3.6.5");
  expect(await version(join(coredns, "coredns"), "-version")).toContain("1.14.7");
  expect(await version(join(buildkit, "buildkitd"), "--version")).toContain("v0.34.2");
});

test("a mirror with another file brings the lab to a stop, and leaves nothing in the cache", async () => {
  const cache = join(folder, "refused");
  const [, spec] = released;
  const pins = structuredClone(source.pins);
  for (const file of pins["coredns"]?.files["amd64"] ?? []) file.sha256 = "0".repeat(64);
  if (spec === undefined) throw new Error("no CoreDNS");
  const build = buildProgram(spec, { cache, report, signal, binaries: { ...source, pins } });
  await expect(build).rejects.toThrow(ChecksumMismatch);
  expect(readdirSync(join(cache, "bin"))).toEqual([]);
});

test("without a mirror that answers, programs are compiled", async () => {
  const cache = join(folder, "compiled");
  // The smallest of our programs, so that this takes seconds.
  const spec = { ...buildkitProgram(buildkitModule), packages: ["./pause"] };
  const binaries = { ...source, url: "http://127.0.0.1:1/" };
  const dir = await buildProgram(spec, { cache, report, signal, binaries });
  expect(readdirSync(dir)).toEqual(["pause"]);
  expect(said.some((line) => line.endsWith("cannot be reached: compiling"))).toBe(true);
  // Both at once, and both find it built.
  const again = await Promise.all([1, 2].map(() => buildProgram(spec, { cache, report, signal })));
  expect(again).toEqual([dir, dir]);
});

test("two that compile the same at once end with one result", async () => {
  const cache = join(folder, "twice");
  const spec = { ...buildkitProgram(buildkitModule), packages: ["./pause"] };
  const [one, other] = await Promise.all([1, 2].map(() => buildProgram(spec, { cache, report, signal })));
  expect(one).toBe(other);
  expect(readdirSync(join(cache, "bin")).filter((name) => name !== ".lock")).toEqual([basename(one ?? "")]);
});

test("a program that does not compile says why with the compiler's last lines", async () => {
  const spec = { ...buildkitProgram(buildkitModule), packages: ["./nothing"] };
  const build = buildProgram(spec, { cache: join(folder, "failed"), report, signal });
  await expect(build).rejects.toThrow(/nothing: directory not found|no such file|is not in std/);
});
