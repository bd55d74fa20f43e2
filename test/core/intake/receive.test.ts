import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Delivery, createReceive, payloadLimit } from "../../../src/intake/receive.ts";
import { FailureError } from "../../../src/preview/failure.ts";

const secret = "s3cret";
const payload = {
  action: "opened",
  installation: { id: 7 },
  repository: { id: 42, node_id: "R_42" },
  pull_request: { number: 12, head: { sha: "a".repeat(40) } },
};

function signed(body: string | Uint8Array, more: Record<string, string | undefined> = {}, by = secret) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const headers = {
    "content-type": "application/json",
    "x-github-event": "pull_request",
    "x-github-delivery": "d-1",
    "x-hub-signature-256": `sha256=${createHmac("sha256", by).update(bytes).digest("hex")}`,
    ...more,
  };
  return [headers, bytes] as const;
}

function intake(secrets = [secret], dispatch = (): Promise<void> => Promise.resolve()) {
  const deliveries: Delivery[] = [];
  const failures: unknown[] = [];
  const receive = createReceive({
    secrets,
    dispatch: async (delivery) => {
      deliveries.push(delivery);
      await dispatch();
    },
    onFailure: (_, error) => failures.push(error),
  });
  return { receive, deliveries, failures };
}

const transient = new FailureError({ kind: "transient", code: "queue-unavailable", what: "x", remedy: "y" });

describe("the signature", () => {
  test("covers the bytes as sent", async () => {
    const { receive, deliveries } = intake();
    const body = JSON.stringify(payload, undefined, 3);
    expect(await receive(...signed(body))).toEqual({ status: 202, body: { result: "queued", pullRequests: 1 } });
    expect(deliveries).toEqual([{ id: "d-1", name: "pull_request", payload }]);
  });

  test.each([
    ["missing", undefined],
    ["of another secret", `sha256=${createHmac("sha256", "other").update("{}").digest("hex")}`],
    ["not a digest", "sha256=zz"],
    ["of the old kind", `sha1=${"0".repeat(40)}`],
    ["too short", "sha256=ab"],
  ])("is refused when %s", async (_, signature) => {
    const { receive, deliveries } = intake();
    expect((await receive(...signed("{}", { "x-hub-signature-256": signature }))).status).toBe(401);
    expect(deliveries).toEqual([]);
  });

  test("may be by either secret while one is rotated", async () => {
    const { receive } = intake(["new", "old"]);
    expect((await receive(...signed(JSON.stringify(payload), {}, "old"))).status).toBe(202);
    expect((await receive(...signed(JSON.stringify(payload), {}, "new"))).status).toBe(202);
    expect((await receive(...signed(JSON.stringify(payload), {}, "gone"))).status).toBe(401);
  });

  test("cannot be checked without a secret, so there has to be one", () => {
    expect(() => intake([])).toThrow("webhook-secret-missing");
    expect(() => intake([""])).toThrow("webhook-secret-missing");
    expect(() => intake([secret, ""])).toThrow("webhook-secret-missing");
  });
});

describe("bad requests", () => {
  test.each([
    [400, "{}", { "x-github-event": undefined }],
    [400, "{}", { "x-github-delivery": undefined }],
    [415, "payload=%7B%7D", { "content-type": "application/x-www-form-urlencoded" }],
    [415, "{}", { "content-type": undefined }],
    [400, "{", {}],
    [400, "[]", {}],
    [400, "null", {}],
  ])("are answered %i: %s %j", async (status, body, headers) => {
    const { receive, deliveries } = intake();
    expect((await receive(...signed(body, headers))).status).toBe(status);
    expect(deliveries).toEqual([]);
  });

  test("a body over the limit is 413 before anything else", async () => {
    const { receive } = intake();
    expect((await receive({}, new Uint8Array(payloadLimit + 1))).status).toBe(413);
  });

  test("answers never hold the secret", async () => {
    const { receive } = intake();
    expect(JSON.stringify(await receive(...signed("{}", { "x-hub-signature-256": "sha256=00" })))).not.toContain(
      secret,
    );
  });
});

describe("the answer", () => {
  test("ping is answered without a dispatch", async () => {
    const { receive, deliveries } = intake();
    expect(await receive(...signed("{}", { "x-github-event": "ping" }))).toEqual({
      status: 200,
      body: { result: "pong" },
    });
    expect(deliveries).toEqual([]);
  });

  test("an event that concerns no preview is said to be ignored", async () => {
    const { receive } = intake();
    expect(await receive(...signed("{}", { "x-github-event": "star" }))).toEqual({
      status: 202,
      body: { result: "ignored", event: "star" },
    });
  });

  test.each([
    [503, transient],
    [503, new AggregateError([transient])],
    [500, new AggregateError([transient, new Error("bug")])],
    [500, new Error("bug")],
  ])("is %i for %s", async (status, error) => {
    const { receive, failures } = intake([secret], () => Promise.reject(error));
    expect((await receive(...signed(JSON.stringify(payload)))).status).toBe(status);
    expect(failures).toEqual([error]);
  });
});
