import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import { type BuildkitOptions, createBuildkitBuilder } from "../../src/adapters/buildkit/builder.ts";
import { basicAuthorization, credentialsFor } from "../../src/adapters/oci/docker-config.ts";
import { createOciRegistry } from "../../src/adapters/oci/registry.ts";
import type { BuildRequest } from "../../src/ports/builder.ts";
import { builderContract } from "../contract/builder.contract.ts";

async function arrange(changes: Partial<BuildkitOptions> = {}) {
  const lab = await readLabStatus();
  if (lab === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const authFile = lab.registryAuthFile;
  return {
    registry: createOciRegistry({ registry: `${lab.registry}/contract`, authFile, insecure: true }),
    builder: createBuildkitBuilder({
      address: lab.buildkit,
      buildctl: lab.tools.buildctl,
      authFile,
      insecureRegistry: true,
      baseImages: [],
      deadlineMs: 120_000,
      ...changes,
    }),
    close: async () => undefined,
  };
}

builderContract("BuildKit", () => arrange());

/** Whether any process of the machine, containers included, sleeps for this long. */
function isSleeping(duration: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8") === `busybox\0sleep\0${duration}\0`;
    } catch {
      return false;
    }
  });
}

describe("what only a real builder can get wrong", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenroom-buildkit-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const requestFor = (reference: string): BuildRequest => ({
    reference,
    contextDirectory: folder,
    dockerfile: "Dockerfile",
    dockerfileName: "Dockerfile",
    args: {},
    platform: "linux/amd64",
    labels: {},
    fresh: false,
  });
  const build = async (
    dockerfile: string,
    changes: Partial<BuildkitOptions> = {},
    cache?: { from: string[]; to: string },
  ) => {
    const { builder, registry } = await arrange(changes);
    writeFileSync(join(folder, "Dockerfile"), dockerfile);
    const reference = `${registry.repository(8, "only")}:1`;
    const request = {
      ...requestFor(reference),
      ...(cache === undefined ? {} : { cache }),
    };
    try {
      return await builder.build(request, () => undefined, new AbortController().signal);
    } finally {
      rmSync(join(folder, "Dockerfile"));
    }
  };

  test("builds every step anew where that is wanted", async () => {
    const { builder, registry } = await arrange();
    writeFileSync(join(folder, "Dockerfile"), "FROM busybox:1.37\nRUN head -c 16 /dev/urandom > /random\n");
    const reference = `${registry.repository(8, "fresh")}:1`;
    const digests: string[] = [];
    for (const fresh of [false, false, true]) {
      const { digest } = await builder.build(
        { ...requestFor(reference), fresh },
        () => undefined,
        AbortSignal.timeout(60_000),
      );
      digests.push(digest);
    }
    rmSync(join(folder, "Dockerfile"));
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });

  test.each([
    ["BuildKit that is not there", { address: "unix:///nonexistent.sock" }, "transient", "buildkit-unreachable"],
    ["buildctl that is not there", { buildctl: "/nonexistent/buildctl" }, "operator", "buildctl-missing"],
    ["a deadline", { deadlineMs: 1 }, "user", "build-too-slow"],
    ["credentials that are missing", { authFile: "/dev/null" }, "operator", "push-refused"],
  ])("%s", async (_, changes, kind, code) => {
    await expect(build("FROM busybox:1.37\n", changes)).rejects.toMatchObject({ failure: { kind, code } });
  });

  test("a registry that cannot be reached is tried again later", async () => {
    const { builder } = await arrange();
    writeFileSync(join(folder, "Dockerfile"), "FROM busybox:1.37\n");
    const building = builder.build(
      requestFor("127.0.0.1:9/none/image:1"),
      () => undefined,
      new AbortController().signal,
    );
    await expect(building).rejects.toMatchObject({ failure: { kind: "transient", code: "registry-unreachable" } });
  });

  test("an abort ends the step that runs inside of BuildKit", async () => {
    const { builder, registry } = await arrange();
    const stop = new AbortController();
    // A duration that no other process on the machine has.
    const duration = `${30_000 + (Date.now() % 10_000)}`;
    writeFileSync(join(folder, "Dockerfile"), `FROM busybox:1.37\nRUN busybox sleep ${duration}\n`);
    const building = builder.build(requestFor(`${registry.repository(8, "aborted")}:1`), () => undefined, stop.signal);
    building.catch(() => undefined);
    await expect.poll(() => isSleeping(duration), { timeout: 30_000 }).toBe(true);
    stop.abort(new Error("superseded"));
    await expect(building).rejects.toThrow("superseded");
    await expect.poll(() => isSleeping(duration), { timeout: 30_000 }).toBe(false);
  });

  test("nothing of another repository comes into an image, however it is named", async () => {
    const { builder, registry } = await arrange();
    const secret = `${registry.repository(9, "secret")}:1`;
    writeFileSync(join(folder, "Dockerfile"), "FROM busybox:1.37\nRUN echo secret > /secret\n");
    await builder.build(requestFor(secret), () => undefined, new AbortController().signal);
    const refused = { failure: { kind: "user", code: "base-image-refused" } };
    await expect(build(`FROM busybox:1.37\nCOPY --from=${secret} /secret /\n`)).rejects.toMatchObject(refused);
    const mount = `--mount=type=bind,from=${secret},target=/other`;
    await expect(build(`FROM busybox:1.37\nRUN ${mount} cat /other/secret\n`)).rejects.toMatchObject(refused);
    const [host = "", ...path] = secret.split("/");
    const hidden = `ARG WHERE=${host}\nFROM \${WHERE:-no}/${path.join("/")}\n`;
    await expect(build(hidden)).rejects.toMatchObject(refused);
    const offered = { baseImages: [registry.repository(9, "secret")] };
    await expect(build(`FROM ${secret}\n`, offered)).resolves.toHaveProperty("digest");
  });

  test("cache mounts of one repository are not seen by another", async () => {
    const { builder, registry } = await arrange();
    const id = `shared-${Date.now()}`;
    const mount = `--mount=type=cache,id=${id},target=/cached`;
    await build(`FROM busybox:1.37\nRUN ${mount} busybox touch /cached/poison\n`);
    await expect(build(`FROM busybox:1.37\nRUN ${mount} busybox test -e /cached/poison\n`)).resolves.toBeDefined();
    writeFileSync(join(folder, "Dockerfile"), `FROM busybox:1.37\nRUN ${mount} busybox test ! -e /cached/poison\n`);
    const other = requestFor(`${registry.repository(9, "other")}:1`);
    await builder.build(other, () => undefined, new AbortController().signal);
  });

  test("a frontend that the Dockerfile names is neither fetched nor run", async () => {
    const lines = ["# syntax=registry.invalid/frontend:1", "FROM busybox:1.37", "RUN echo plain", ""];
    await expect(build(lines.join("\n"))).resolves.toHaveProperty("digest");
  });

  test("a cache that does not exist yet is made, and used by the next build", async () => {
    const { registry } = await arrange();
    const to = `${registry.repository(8, "cached")}:cache-${Date.now()}`;
    // When a layer was made is not the cache's to keep, so that only what is in the layers is the same.
    const random = "FROM busybox:1.37\nRUN head -c 16 /dev/urandom > /random\n";
    const first = await build(random, {}, { from: [to], to });
    expect(await registry.digest(to, new AbortController().signal)).toMatch(/^sha256:/);
    const second = await build(random, {}, { from: [to], to });
    const layers = await layersOf(registry.repository(8, "only"), first.digest);
    expect(layers.length).toBeGreaterThan(1);
    expect(await layersOf(registry.repository(8, "only"), second.digest)).toEqual(layers);
  });
});

const manifest = z.object({ layers: z.array(z.object({ digest: z.string() })) });

/** Digests of the layers of an image in the lab's registry. */
async function layersOf(repository: string, digest: string): Promise<string[]> {
  const lab = await readLabStatus();
  if (lab === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const credentials = credentialsFor(lab.registry, readFileSync(lab.registryAuthFile, "utf8"));
  if (credentials === undefined) throw new Error("no credentials for the registry");
  const headers = {
    authorization: basicAuthorization(credentials),
    accept: "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
  };
  const path = repository.slice(repository.indexOf("/") + 1);
  const answer = await fetch(`http://${lab.registry}/v2/${path}/manifests/${digest}`, { headers });
  return manifest.parse(await answer.json()).layers.map((layer) => layer.digest);
}
