// What registries do differently, beyond the contract: how they ask for credentials, and how they fail.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createOciRegistry, type OciRegistryOptions } from "../../src/adapters/oci/registry.ts";

const never = new AbortController().signal;
const digest = `sha256:${"a".repeat(64)}`;
const basic = `Basic ${Buffer.from("robot:se:cret").toString("base64")}`;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const found: Answer = (_, response) => response.writeHead(200, { "docker-content-digest": digest }).end();

describe("registries", () => {
  let folder: string;
  let host: string;
  let requests: { method: string; url: string; headers: IncomingMessage["headers"] }[];
  let answer: Answer;
  let close: () => Promise<void>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "greenroom-oci-"));
    requests = [];
    const server = createServer((request, response) => {
      requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers });
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
  });
  afterEach(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  const authFile = (name: string, config: object) => {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(config));
    return file;
  };
  const registry = (options: Partial<OciRegistryOptions> = {}) =>
    createOciRegistry({ registry: `${host}/team`, insecure: true, ...options });
  const credentials = () => ({
    authFile: authFile("push.json", { auths: { [host]: { auth: Buffer.from("robot:se:cret").toString("base64") } } }),
  });
  const ask = (options: Partial<OciRegistryOptions> = {}) => registry(options).digest(`${host}/team/7/web:g-1`, never);

  test("asks for every kind of manifest, by HEAD", async () => {
    answer = found;
    expect(await ask()).toBe(digest);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: "HEAD", url: "/v2/team/7/web/manifests/g-1" });
    const accept = requests[0]?.headers.accept ?? "";
    expect(accept).toContain("application/vnd.oci.image.index.v1+json");
    expect(accept).toContain("application/vnd.oci.image.manifest.v1+json");
    expect(accept).toContain("application/vnd.docker.distribution.manifest.list.v2+json");
    expect(accept).toContain("application/vnd.docker.distribution.manifest.v2+json");
  });

  test("sends a password only when asked for it, and then at once the next time", async () => {
    answer = (request, response) => {
      if (request.headers.authorization === basic) found(request, response);
      else response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
    };
    const asked = registry(credentials());
    const reference = `${host}/team/7/web:g-1`;
    expect(await asked.digest(reference, never)).toBe(digest);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([undefined, basic]);
    expect(await asked.digest(reference, never)).toBe(digest);
    expect(requests).toHaveLength(3);
  });

  test("fetches a token for the repository, and keeps it", async () => {
    answer = (request, response) => {
      const url = new URL(request.url ?? "/", `http://${host}`);
      if (url.pathname === "/token") {
        response.end(JSON.stringify({ token: "short-lived", expires_in: 300 }));
      } else if (request.headers.authorization === "Bearer short-lived") found(request, response);
      else {
        const challenge = `Bearer realm="http://${host}/token",service="registry",scope="repository:team/7/web:pull"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      }
    };
    const asked = registry(credentials());
    expect(await asked.digest(`${host}/team/7/web:g-1`, never)).toBe(digest);
    expect(await asked.digest(`${host}/team/7/web:g-1`, never)).toBe(digest);
    const tokens = requests.filter(({ url }) => url.startsWith("/token"));
    expect(tokens).toHaveLength(1);
    expect(tokens[0]?.headers.authorization).toBe(basic);
    const asking = new URL(tokens[0]?.url ?? "", `http://${host}`).searchParams;
    expect(Object.fromEntries(asking)).toEqual({ service: "registry", scope: "repository:team/7/web:pull" });
  });

  test("a token that is refused is the operator's", async () => {
    answer = (request, response) => {
      if (request.url?.startsWith("/token") === true) response.writeHead(403).end("no");
      else response.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token"` }).end();
    };
    await expect(ask(credentials())).rejects.toMatchObject({
      failure: { kind: "operator", code: "registry-access-refused" },
    });
  });

  test("takes the hash of the manifest where the registry does not tell it", async () => {
    const manifest = '{"schemaVersion":2}';
    answer = (_, response) => response.writeHead(200).end(manifest);
    expect(await ask()).toBe(`sha256:${createHash("sha256").update(manifest).digest("hex")}`);
    expect(requests.map(({ method }) => method)).toEqual(["HEAD", "GET"]);
  });

  test.each([429, 500, 503])("asks again after a %i", async (status) => {
    answer = (request, response) => {
      if (requests.length === 1) response.writeHead(status).end();
      else found(request, response);
    };
    expect(await ask()).toBe(digest);
  });

  test("asks again where the connection breaks", async () => {
    answer = (request, response) => {
      if (requests.length === 1) request.socket.destroy();
      else found(request, response);
    };
    expect(await ask()).toBe(digest);
  });

  test("gives up after three times, as something to try again later", async () => {
    answer = (_, response) => response.writeHead(503).end();
    await expect(ask()).rejects.toMatchObject({ failure: { kind: "transient", code: "registry-unreachable" } });
    expect(requests).toHaveLength(3);
  });

  test("does not ask again after a refusal, nor without an image", async () => {
    answer = (_, response) => response.writeHead(403).end();
    await expect(ask(credentials())).rejects.toMatchObject({ failure: { code: "registry-access-refused" } });
    answer = (_, response) => response.writeHead(404).end();
    expect(await ask()).toBeUndefined();
    expect(requests).toHaveLength(2);
  });

  test("an abort during a pause or an answer ends it", async () => {
    const stop = new AbortController();
    answer = () => stop.abort(new Error("superseded"));
    await expect(registry().digest(`${host}/a/b:1`, stop.signal)).rejects.toThrow("superseded");
  });

  const remove = (notAfter = new Date(Date.now() + 15_000), options: Partial<OciRegistryOptions> = {}) =>
    registry(options).delete(`${host}/team/7/web`, digest, notAfter, never);

  test("a deletion names the digest and asks for the right to delete", async () => {
    answer = (request, response) => {
      const url = new URL(request.url ?? "/", `http://${host}`);
      if (url.pathname === "/token") response.end(JSON.stringify({ token: url.searchParams.get("scope") }));
      else if (request.headers.authorization === "Bearer repository:team/7/web:delete") response.writeHead(202).end();
      else response.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token"` }).end();
    };
    await remove(undefined, credentials());
    expect(requests.at(-1)).toMatchObject({ method: "DELETE", url: `/v2/team/7/web/manifests/${digest}` });
  });

  test.each([
    [405, "storage.delete.enabled"],
    [400, "GREENROOM_IMAGE_GRACE_HOURS"],
    [403, "GREENROOM_REGISTRY_AUTH_FILE"],
  ])("a registry that does not delete (%i) is the operator's, who is told what to do", async (status, remedy) => {
    answer = (_, response) => response.writeHead(status).end();
    await expect(remove()).rejects.toMatchObject({
      failure: { kind: "operator", code: "registry-deletion-refused", remedy: expect.stringContaining(remedy) },
    });
  });

  test("a deletion is not waited for, nor said again, after its time", async () => {
    answer = () => undefined;
    const until = Date.now() + 300;
    await expect(remove(new Date(until))).rejects.toMatchObject({ failure: { kind: "transient" } });
    expect(requests).toHaveLength(1);
  });

  test("pods get the credentials that may only pull, where there are such", async () => {
    const pullAuthFile = authFile("pull.json", {
      auths: {
        "other.example": { auth: Buffer.from("other:other").toString("base64") },
        [`https://${host}/v1/`]: { username: "puller", password: "p" },
      },
    });
    const secret = await registry({ ...credentials(), pullAuthFile }).pullSecret(never);
    const auth = Buffer.from("puller:p").toString("base64");
    expect(JSON.parse(secret ?? "")).toEqual({ auths: { [host]: { username: "puller", password: "p", auth } } });
    expect(await registry().pullSecret(never)).toBeUndefined();
  });

  test("credentials that cannot be read are the operator's, and never shown", async () => {
    const broken = join(folder, "broken.json");
    writeFileSync(broken, "not json: hunter2");
    const asking = registry({ authFile: broken }).pullSecret(never);
    await expect(asking).rejects.toMatchObject({ failure: { code: "registry-credentials-unreadable" } });
    const error: unknown = await asking.catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: null })).not.toContain("hunter2");
  });

  test("long names stay within what registries take", () => {
    const name = registry().repository(Number.MAX_SAFE_INTEGER, "x".repeat(300));
    const other = registry().repository(Number.MAX_SAFE_INTEGER, "x".repeat(301));
    expect(name.length).toBeLessThanOrEqual(255);
    expect(name).not.toBe(other);
  });
});
