import { describe, expect, test } from "vitest";
import { ApiError } from "../../../src/adapters/kubernetes/api-error.ts";
import type { ApiRequest, KubernetesApi } from "../../../src/adapters/kubernetes/api.ts";
import { readLogTail } from "../../../src/adapters/kubernetes/log-tail.ts";

const signal = new AbortController().signal;
const printer = { namespace: "preview-12-shop", pod: "printer", container: "main", previous: false };
const secrets = {
  apiVersion: "v1",
  kind: "SecretList",
  metadata: { resourceVersion: "1" },
  items: [
    {
      metadata: { name: "db", uid: "1", resourceVersion: "1", creationTimestamp: "2026-11-23T10:00:00Z" },
      data: { password: btoa("correct-horse") },
    },
  ],
};

function refuse(): never {
  throw new Error("nobody asks for this");
}

/** An API server that prints one log. */
function answering(text: () => string) {
  const asked: ApiRequest[] = [];
  const api: KubernetesApi = {
    json: async (request) => {
      asked.push(request);
      return await Promise.resolve(secrets);
    },
    text: async () => await Promise.resolve(text()),
    lines: refuse,
    cluster: { server: "https://kubernetes.invalid", certificateAuthority: undefined, tlsServerName: undefined },
    close: () => Promise.resolve(),
  };
  return { api, asked };
}

describe("the end of a log", () => {
  test("has none of the values of its namespace's Secrets; Helm's records are not asked for", async () => {
    const { api, asked } = answering(() => "the password is correct-horse\nand that was it\n");
    expect(await readLogTail(api, printer, signal)).toBe("the password is ***\nand that was it\n");
    expect(asked).toMatchObject([
      { path: "/api/v1/namespaces/preview-12-shop/secrets", query: { fieldSelector: "type!=helm.sh/release.v1" } },
    ]);
  });

  test.each([400, 404])("is empty where there is none yet: %d", async (status) => {
    const { api } = answering(() => {
      throw new ApiError("container is waiting to start", { status });
    });
    expect(await readLogTail(api, printer, signal)).toBe("");
  });

  test("is not shown where the Secrets cannot be read", async () => {
    const { api } = answering(() => "correct-horse");
    api.json = async () => await Promise.reject(new ApiError("no", { status: 403 }));
    await expect(readLogTail(api, printer, signal)).rejects.toMatchObject({ failure: { kind: "operator" } });
  });
});
