import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labPaths } from "../../infra/local/lab/paths.ts";
import { buildkitModule, corednsProgram, kubernetesProgram } from "../../infra/local/lab/programs.ts";
import {
  type BinarySource,
  binarySource,
  ChecksumMismatch,
  pinsFile,
  readPins,
} from "../../infra/local/supply/binaries.ts";
import { runCommand } from "../../infra/local/supply/command.ts";
import { buildkitProgram, buildProgram, programDir } from "../../infra/local/supply/programs.ts";

const signal = new AbortController().signal;
const specs = [kubernetesProgram(), corednsProgram(), buildkitProgram(buildkitModule)];
const said: string[] = [];
const report = { detail: (line: string) => void said.push(line), fraction: () => undefined, cached: () => undefined };
let folder: string;
let source: BinarySource;
const server = createServer((request, response) => {
  const file = join(folder, "mirror", request.url ?? "");
  if (!existsSync(file)) return void response.writeHead(404).end();
  createReadStream(file).pipe(response);
});

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * A mirror of the publishers' layout. What it serves was compiled here, since the publishers cannot be reached from
 * everywhere: our one Kubernetes program is each of its components when it is called by that component's name.
 */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "binaries-"));
  const pins = await readPins(pinsFile);
  for (const spec of specs) {
    const compiled = await programDir(spec, labPaths().cache);
    const files = pins[spec.name]?.files["amd64"] ?? [];
    for (const file of files) {
      const own = join(compiled, spec.name === "kubernetes" ? "kubernetes" : basename(file.member ?? ""));
      const target = join(folder, "mirror", file.path);
      const link = file.member === null ? target : join(folder, "trees", basename(file.path), file.member);
      mkdirSync(dirname(target), { recursive: true });
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(own, link);
    }
    for (const archive of new Set(files.filter(({ member }) => member !== null).map(({ path }) => path))) {
      const members = files.filter(({ path }) => path === archive).map(({ member }) => member ?? "");
      const tree = join(folder, "trees", basename(archive));
      const args = ["-I", "gzip -1", "-chf", join(folder, "mirror", archive), "-C", tree, ...members];
      await runCommand("tar", args, { signal, timeoutSeconds: 120 });
    }
    for (const file of files) file.sha256 = await sha256(join(folder, "mirror", file.path));
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  source = binarySource(`http://127.0.0.1:${address.port}`, pins);
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
  for (const spec of specs) folders.push(await buildProgram(spec, { cache, report, signal, binaries: source }));
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
  const [, spec] = specs;
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
