import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { authority, labEndpoints } from "../../infra/local/lab/endpoints.ts";
import { labPaths } from "../../infra/local/lab/paths.ts";
import { type LabStatus, readLabStatus } from "../../infra/local/lab/status.ts";
import { baseImages } from "../../infra/local/supply/base-images.ts";
import { CommandFailed, runCommand } from "../../infra/local/supply/command.ts";
import { solves } from "../../infra/local/supply/history.ts";
import { credentialsIn } from "../../infra/local/supply/registry.ts";

const endpoints = labEndpoints(labPaths());
const mirror = `http://${authority(endpoints.mirror)}`;
const manifestTypes =
  "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
let lab: LabStatus;
let registry: string;
let contexts: string;

beforeAll(async () => {
  const running = await readLabStatus();
  if (running === undefined) throw new Error("No lab is running: npm run lab -- up");
  lab = running;
  registry = `http://${lab.registry}`;
  contexts = await mkdtemp(join(tmpdir(), "supply-"));
});
afterAll(async () => {
  await rm(contexts, { recursive: true, force: true });
});

type Built = { readonly ok: boolean; readonly output: string };

/** Build a Dockerfile on the lab's BuildKit, from nothing but this text and these files. */
async function build(
  dockerfile: string,
  options: { files?: Record<string, string>; push?: string; credentials?: boolean } = {},
): Promise<Built> {
  const context = await mkdtemp(join(contexts, "context-"));
  await writeFile(join(context, "Dockerfile"), dockerfile);
  for (const [name, content] of Object.entries(options.files ?? {})) await writeFile(join(context, name), content);
  const args = ["--addr", lab.buildkit, "build", "--progress=plain", "--frontend=dockerfile.v0", "--no-cache"];
  args.push("--local", `context=${context}`, "--local", `dockerfile=${context}`);
  if (options.push !== undefined) args.push("--output", `type=image,name=${options.push},push=true`);
  const config = options.credentials === false ? context : dirname(lab.registryAuthFile);
  const lines: string[] = [];
  try {
    await runCommand(lab.tools.buildctl, args, {
      env: { PATH: process.env["PATH"], HOME: context, DOCKER_CONFIG: config },
      signal: new AbortController().signal,
      timeoutSeconds: 120,
      onLine: (line) => lines.push(line),
    });
    return { ok: true, output: lines.join("\n") };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { ok: false, output: lines.join("\n") };
  }
}

/** A failed build explains itself by its output. */
function expectBuilt(built: Built): void {
  expect(built).toEqual({ ok: true, output: built.output });
}

async function basicAuth(file = lab.registryAuthFile): Promise<string> {
  const found = credentialsIn(await readFile(file, "utf8"), lab.registry);
  if (found === null) throw new Error("The lab's Docker config.json has no credentials of its registry.");
  return `Basic ${Buffer.from(`${found.username}:${found.password}`).toString("base64")}`;
}

describe("the registry", () => {
  test.each([
    ["GET", "/v2/"],
    ["GET", "/v2/_catalog"],
    ["POST", "/v2/greenroom/x/blobs/uploads/"],
    ["PUT", "/v2/greenroom/x/manifests/1"],
    ["DELETE", `/v2/greenroom/x/manifests/sha256:${"0".repeat(64)}`],
  ])("answers an anonymous %s %s with 401", async (method, path) => {
    expect((await fetch(`${registry}${path}`, { method })).status).toBe(401);
  });

  test("refuses a wrong password", async () => {
    const authorization = `Basic ${Buffer.from("greenroom:wrong").toString("base64")}`;
    expect((await fetch(`${registry}/v2/`, { headers: { authorization } })).status).toBe(401);
  });

  test("takes an image with credentials, gives it back by digest, and deletes it", async () => {
    const name = `greenroom-test/${randomUUID().slice(0, 8)}`;
    const pushed = await build("FROM busybox:1.37\n", { push: `${lab.registry}/${name}:one` });
    expectBuilt(pushed);
    const headers = { authorization: await basicAuth(), accept: manifestTypes };
    const found = await fetch(`${registry}/v2/${name}/manifests/one`, { method: "HEAD", headers });
    const digest = found.headers.get("docker-content-digest") ?? "";
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const deleted = await fetch(`${registry}/v2/${name}/manifests/${digest}`, { method: "DELETE", headers });
    expect(deleted.status).toBe(202);
    const after = await fetch(`${registry}/v2/${name}/manifests/one`, { method: "HEAD", headers });
    expect(after.status).toBe(404);
  });

  test("takes nothing from a builder without credentials", async () => {
    const pushed = await build("FROM busybox:1.37\n", {
      push: `${lab.registry}/greenroom-test/anonymous:one`,
      credentials: false,
    });
    expect(pushed.ok).toBe(false);
    expect(pushed.output).toMatch(/401|no basic auth credentials|authorization failed/i);
  });
});

describe("the registry's account for previews", () => {
  test("pulls what the other one has pushed", async () => {
    const name = `greenroom-test/${randomUUID().slice(0, 8)}`;
    expectBuilt(await build("FROM busybox:1.37\n", { push: `${lab.registry}/${name}:one` }));
    const headers = { authorization: await basicAuth(labPaths().registryPullAuth), accept: manifestTypes };
    const found = await fetch(`${registry}/v2/${name}/manifests/one`, { headers });
    expect(found.status).toBe(200);
    const manifest = z.object({ layers: z.array(z.object({ digest: z.string(), size: z.number() })) });
    for (const { digest, size } of manifest.parse(await found.json()).layers) {
      const layer = await fetch(`${registry}/v2/${name}/blobs/${digest}`, { headers });
      expect((await layer.arrayBuffer()).byteLength).toBe(size);
    }
  });

  test.each([
    ["POST", "/v2/greenroom/x/blobs/uploads/"],
    ["PATCH", "/v2/greenroom/x/blobs/uploads/1"],
    ["PUT", "/v2/greenroom/x/manifests/1"],
    ["DELETE", `/v2/greenroom/x/manifests/sha256:${"0".repeat(64)}`],
  ])("may not %s %s", async (method, path) => {
    const headers = { authorization: await basicAuth(labPaths().registryPullAuth) };
    const response = await fetch(`${registry}${path}`, { method, headers });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ errors: [{ code: "DENIED" }] });
  });
});

describe("the mirror of docker.io", () => {
  test.each(baseImages.map((image) => [image.name, image.tag] as const))(
    "has %s:%s for everyone",
    async (name, tag) => {
      const url = `${mirror}/v2/library/${name}/manifests/${tag}`;
      expect((await fetch(url, { headers: { accept: manifestTypes } })).status).toBe(200);
    },
  );

  test.each([
    ["POST", "/v2/library/busybox/blobs/uploads/"],
    ["PUT", "/v2/library/busybox/manifests/1.37"],
    ["DELETE", `/v2/library/busybox/manifests/sha256:${"0".repeat(64)}`],
  ])("refuses to be written: %s %s", async (method, path) => {
    const headers = { authorization: await basicAuth(), "content-type": "application/vnd.oci.image.manifest.v1+json" };
    expect((await fetch(`${mirror}${path}`, { method, headers, body: method === "PUT" ? "{}" : null })).status).toBe(
      405,
    );
  });
});

const probe = `
import { connect } from "node:net";
for (const target of process.argv.slice(2)) {
  const [host, port] = target.split(":");
  const result = await new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.setTimeout(3000, () => resolve("TIMEOUT"));
    socket.once("connect", () => resolve("CONNECTED"));
    socket.once("error", (error) => resolve(error.code));
  });
  console.log("probe", target, result);
}
process.exit(0);
`;

/** What a build must not reach: the lab's parts, this machine by each of its addresses, clouds' metadata. */
function forbidden(): string[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const ports = own.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address);
  return [
    ...[endpoints.registry, endpoints.mirror, endpoints.apiServer, endpoints.etcd].map(authority),
    "10.245.0.1:443",
    "169.254.169.254:80",
    ...ports.flatMap((address) => [`${address}:${endpoints.gateway.port}`, `${address}:10250`]),
  ];
}

describe("a build", () => {
  test("reaches no part of the lab, no address of the machine and no metadata, and is refused at once", async () => {
    const targets = forbidden();
    const built = await build(`FROM node:24-slim\nCOPY probe.mjs /\nRUN node /probe.mjs ${targets.join(" ")}\n`, {
      files: { "probe.mjs": probe },
    });
    expectBuilt(built);
    const results = [...built.output.matchAll(/probe (\S+) (\S+)$/gm)].map(([, target, result]) => [target, result]);
    expect(results).toEqual(targets.map((target) => [target, "ECONNREFUSED"]));
  });

  test.each([
    ["the API server", () => `https://${authority(endpoints.apiServer)}/version`],
    ["etcd", () => `https://${authority(endpoints.etcd)}/version`],
    ["metadata", () => "http://169.254.169.254/latest/meta-data"],
    ["the gateway", () => `http://127.0.0.1:${endpoints.gateway.port}/`],
  ])("cannot have %s fetched by ADD either", async (_, url) => {
    const built = await build(`FROM scratch\nADD ${url()} /fetched\n`);
    expect(built.ok).toBe(false);
    expect(built.output).toMatch(/connection refused/);
  });

  test("cannot ask for the machine's own network", async () => {
    const built = await build("# syntax-free\nFROM busybox:1.37\nRUN --network=host true\n");
    expect(built.ok).toBe(false);
    expect(built.output).toMatch(/network\.host is not allowed/);
  });

  test("gets Debian packages and npm's", async () => {
    const built = await build(
      "FROM node:24-slim\nWORKDIR /app\nRUN apt-get update -qq && apt-get install -y -qq --no-install-recommends tree\nRUN npm install --silent left-pad && ls node_modules\n",
    );
    expectBuilt(built);
    expect(built.output).toMatch(/ left-pad$/m);
  });

  test("is in BuildKit's history, with its start and its end", async () => {
    const history = () => solves(lab.tools.buildctl, lab.buildkit, AbortSignal.timeout(30_000));
    const before = new Set((await history()).map((solve) => solve.ref));
    const name = `${lab.registry}/greenroom-test/history:${randomUUID()}`;
    const [began, built] = [Date.now(), await build("FROM busybox:1.37\nRUN true\n", { push: name })];
    expectBuilt(built);
    const added = (await history()).filter((solve) => !before.has(solve.ref));
    expect(added.map((solve) => solve.images)).toEqual([[name]]);
    const [solve] = added;
    // The clocks are the same machine's; a second is for rounding.
    expect(solve?.started).toBeGreaterThan(began - 1000);
    expect(solve?.ended).toBeGreaterThan(solve?.started ?? Number.POSITIVE_INFINITY);
  });
});
