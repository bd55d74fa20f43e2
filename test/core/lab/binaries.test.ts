import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import {
  binarySource,
  ChecksumMismatch,
  downloadProgram,
  type Pins,
  pinMissing,
  pinsFile,
  readPins,
} from "../../../infra/local/supply/binaries.ts";

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
const signal = new AbortController().signal;
const report = { detail: () => undefined, fraction: () => undefined, cached: () => undefined };
const root = mkdtempSync(join(tmpdir(), "binaries-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = (): string => mkdtempSync(join(root, "folder-"));

/** A script that says its own name and arguments, standing for a program of a release. */
const program = (name: string): Buffer => Buffer.from(`#!/bin/sh\necho ${name} "$@"\n`);

/** An archive as publishers make them: the program in a folder named for the release. */
function archive(name: string): Buffer {
  const dir = folder();
  mkdirSync(join(dir, "release"));
  writeFileSync(join(dir, "release", name), program(name));
  writeFileSync(join(dir, "release", "README.md"), "read me");
  chmodSync(join(dir, "release", name), 0o644);
  execFileSync("tar", ["-czf", join(dir, "all.tgz"), "-C", dir, "release"]);
  return readFileSync(join(dir, "all.tgz"));
}

/** A mirror on loopback; the requests it was asked, in order. */
async function mirror(files: Record<string, Buffer>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const content = files[request.url ?? ""];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return { url: `http://127.0.0.1:${address.port}/mirror`, asked };
}

const etcd = archive("etcd");
const files = { "/mirror/dl.example/kubelet": program("kubelet"), "/mirror/code.example/etcd.tgz": etcd };

function pins(changes: { kubelet?: string | null } = {}): Pins {
  const kubelet = changes.kubelet === undefined ? sha256(program("kubelet")) : changes.kubelet;
  return {
    kubernetes: {
      versions: { kubernetes: "1.0.0" },
      dispatcher: "kubernetes",
      files: {
        amd64: [
          { path: "dl.example/kubelet", sha256: kubelet, member: null },
          { path: "code.example/etcd.tgz", sha256: sha256(etcd), member: "release/etcd" },
        ],
      },
    },
  };
}

describe("a release from a mirror", () => {
  test("becomes programs that one dispatcher calls by their names", async () => {
    const { url, asked } = await mirror(files);
    const dir = folder();
    const source = binarySource(url, pins());
    expect(await downloadProgram("kubernetes", "amd64", dir, source, { report, signal })).toBeNull();
    expect(readdirSync(dir).toSorted()).toEqual(["etcd", "kubelet", "kubernetes"]);
    expect(asked).toEqual(Object.keys(files));
    const call = (...args: string[]): string => execFileSync(join(dir, "kubernetes"), args, { encoding: "utf8" });
    expect(call("kubelet", "--config", "a b")).toBe("kubelet --config a b\n");
    expect(call("etcd")).toBe("etcd\n");
  });

  test("is refused when a file is not the pinned one", async () => {
    const { url } = await mirror({ ...files, "/mirror/dl.example/kubelet": program("something else") });
    const download = downloadProgram("kubernetes", "amd64", folder(), binarySource(url, pins()), { report, signal });
    await expect(download).rejects.toThrow(ChecksumMismatch);
  });

  test.each<{ name: string; program: string; arch: string; pinned: Pins; served: Record<string, Buffer>; why: RegExp }>(
    [
      {
        name: "a file is missing",
        program: "kubernetes",
        arch: "amd64",
        pinned: pins(),
        served: {},
        why: /answers 404/,
      },
      {
        name: "no one pinned a file",
        program: "kubernetes",
        arch: "amd64",
        pinned: pins({ kubelet: null }),
        served: files,
        why: /no checksum is pinned for dl\.example\/kubelet/,
      },
      {
        name: "there is none for this processor",
        program: "kubernetes",
        arch: "riscv64",
        pinned: pins(),
        served: files,
        why: /for riscv64/,
      },
      {
        name: "the program has no release",
        program: "other",
        arch: "amd64",
        pinned: pins(),
        served: files,
        why: /no release of other/,
      },
    ],
  )("leaves it to compiling when $name", async ({ program: name, arch, pinned, served, why }) => {
    const { url } = await mirror(served);
    const source = binarySource(url, pinned);
    expect(await downloadProgram(name, arch, folder(), source, { report, signal })).toMatch(why);
  });

  test("leaves it to compiling when nobody answers", async () => {
    const source = binarySource("http://127.0.0.1:1", pins());
    expect(await downloadProgram("kubernetes", "amd64", folder(), source, { report, signal })).toMatch(
      /cannot be reached/,
    );
  });
});

test("missing checksums are filled in from what is there, and known ones stay", async () => {
  const { url, asked } = await mirror(files);
  const filled = await pinMissing(binarySource(url, pins({ kubelet: null })), folder(), () => undefined, signal);
  expect(filled).toEqual(pins());
  expect(asked).toEqual(["/mirror/dl.example/kubelet"]);
});

test.each(["ftp://mirror.example", "mirror.example", "", "file:///etc"])("%j is no source of releases", (text) => {
  expect(() => binarySource(text, {})).toThrow(/neither "official" nor/);
});

test("the publishers themselves are a source", () => {
  expect(binarySource("official", {}).url).toBe("https://");
});

test("the pinned releases are those of our Go modules", async () => {
  const local = new URL("../../../infra/local/", import.meta.url);
  const modules = ["kubernetes/go.mod", "kubernetes/coredns/go.mod", "buildkit/go.mod"];
  const required = modules.map((file) => readFileSync(new URL(file, local), "utf8")).join("\n");
  const modulesOf: Record<string, string> = {
    kubernetes: "k8s.io/kubernetes",
    etcd: "go.etcd.io/etcd/server/v3",
    coredns: "github.com/coredns/coredns",
    buildkit: "github.com/moby/buildkit",
  };
  for (const release of Object.values(await readPins(pinsFile))) {
    for (const [name, version] of Object.entries(release.versions)) {
      expect(required).toContain(`${modulesOf[name]} v${version}`);
      const paths = Object.values(release.files).flat();
      expect(paths.some(({ path }) => path.includes(version))).toBe(true);
    }
  }
});
