import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { KubeConfig } from "@kubernetes/client-node";
import { afterEach, describe, expect, test } from "vitest";
import { ApiError, asFailure } from "../../../src/adapters/kubernetes/api-error.ts";
import { type KubernetesApi, createKubernetesApi } from "../../../src/adapters/kubernetes/api.ts";
import { FailureError } from "../../../src/preview/failure.ts";

const never = new AbortController().signal;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An API server on loopback that gives one answer after the other, the last one again and again. */
async function serve(...answers: Answer[]): Promise<{ api: KubernetesApi; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answers[Math.min(asked.length, answers.length) - 1]?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: "u", token: "the-token" },
  );
  const api = createKubernetesApi(config);
  closing.push(
    () => api.close(),
    async () => server.closeAllConnections(),
    async () => server.close(),
  );
  return { api, asked };
}

const answer =
  (status: number, body: object, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end(JSON.stringify(body));
const hang: Answer = () => undefined;

describe("the Kubernetes API", () => {
  test("is asked with the account's token, and its answer read", async () => {
    const { api } = await serve((request, response) =>
      response.end(JSON.stringify({ authorization: request.headers.authorization, url: request.url })),
    );
    const path = "/api/v1/things";
    expect(await api.json({ path, query: { labelSelector: "a=b" }, signal: never })).toEqual({
      authorization: "Bearer the-token",
      url: "/api/v1/things?labelSelector=a%3Db",
    });
  });

  test("is asked again where it is busy or restarting", async () => {
    const { api, asked } = await serve(answer(503, {}), (_, response) => response.destroy(), answer(200, { ok: true }));
    expect(await api.json({ path: "/x", signal: never })).toEqual({ ok: true });
    expect(asked).toHaveLength(3);
  });

  test("is not asked twice for what may have been done", async () => {
    const { api, asked } = await serve((_, response) => response.destroy());
    await expect(api.json({ method: "POST", path: "/x", body: {}, signal: never })).rejects.toThrow(ApiError);
    expect(asked).toEqual(["POST /x"]);
  });

  test("says what it refuses", async () => {
    const status = { kind: "Status", message: "no", reason: "Invalid", details: { causes: [{ field: "spec.a" }] } };
    const { api } = await serve(answer(422, status));
    await expect(api.json({ path: "/x", signal: never })).rejects.toMatchObject({
      status: 422,
      reason: "Invalid",
      details: status.details,
    });
  });

  const refusal = answer(403, { message: 'things is forbidden: User "u" cannot list resource "things"' });

  test("is asked again where it refuses before it is ready", async () => {
    const { api, asked } = await serve(refusal, answer(500, {}), refusal, answer(200, {}), answer(201, { ok: true }));
    expect(await api.json({ method: "POST", path: "/x", body: {}, signal: never })).toEqual({ ok: true });
    expect(asked).toEqual(["POST /x", "GET /readyz", "POST /x", "GET /readyz", "POST /x"]);
  });

  test("is believed where it refuses and is ready", async () => {
    const { api, asked } = await serve(refusal, answer(200, {}), refusal);
    await expect(api.json({ path: "/x", signal: never })).rejects.toMatchObject({ status: 403 });
    expect(asked).toEqual(["GET /x", "GET /readyz", "GET /x"]);
  });

  test("is not asked twice where an object is refused", async () => {
    const { api, asked } = await serve(answer(403, { message: "exceeded quota" }));
    await expect(api.json({ path: "/x", signal: never })).rejects.toMatchObject({ status: 403 });
    expect(asked).toEqual(["GET /x"]);
  });

  test("that does not answer is given up in time, and at once on an abort", async () => {
    const { api } = await serve(hang);
    const slow = api.json({ method: "POST", path: "/x", signal: never, timeoutMs: 50 });
    await expect(slow).rejects.toMatchObject({ status: undefined, transient: true });
    const stop = new AbortController();
    const aborted = api.json({ path: "/x", signal: stop.signal });
    stop.abort(new Error("stop"));
    await expect(aborted).rejects.toThrow("stop");
  });

  test("a watch gives whole lines, and ends when nothing comes", async () => {
    const { api } = await serve((_, response) => {
      response.write('{"a":');
      response.write('1}\n{"b":2}\n{"c"');
    });
    const lines: string[] = [];
    const read = async () => {
      for await (const line of api.lines({ path: "/x", signal: never, timeoutMs: 200 })) lines.push(line);
    };
    await expect(read()).rejects.toMatchObject({ transient: true });
    expect(lines).toEqual(['{"a":1}', '{"b":2}']);
  });

  test.each([
    [{ status: 503 }, "transient"],
    [{ status: 429, details: { retryAfterSeconds: 7 } }, "transient"],
    [{}, "transient"],
    [{ status: 403, details: { causes: [{ reason: "NamespaceTerminating" }] } }, "transient"],
    [{ untrusted: true }, "operator"],
    [{ status: 403 }, "operator"],
    [{ status: 401 }, "operator"],
    [{ status: 422 }, "bug"],
  ])("%j is a failure of kind %s", (facts, kind) => {
    const failure = asFailure(new ApiError("x", facts), "testing");
    expect(failure instanceof FailureError && failure.failure).toMatchObject({ kind });
  });
});
