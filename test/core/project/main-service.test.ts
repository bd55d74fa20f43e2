import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import { mainService } from "../../../src/project/main-service.ts";

function service(name: string, ...ports: { port: number; name?: string; protocol?: string }[]): KubernetesObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { ports } };
}

describe("mainService", () => {
  test.each([
    ["the only Service", [service("shop", { port: 9000 })], "shop", 9000],
    ["the one that looks like a site", [service("api", { port: 1 }), service("shop-web", { port: 2 })], "shop-web", 2],
    ["its port named http", [service("a", { port: 9090, name: "metrics" }, { port: 3333, name: "http" })], "a", 3333],
    ["its usual port", [service("a", { port: 9090 }, { port: 8080 })], "a", 8080],
    ["not UDP", [service("a", { port: 80, protocol: "UDP" }, { port: 7, protocol: "TCP" })], "a", 7],
  ])("chooses %s", (_, objects, name, port) => {
    const others: KubernetesObject[] = [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } }];
    expect(mainService([...others, ...objects])).toEqual({ ok: true, value: { name: "web", service: name, port } });
  });

  test.each([
    ["none", [], "has no Service"],
    [
      "several that look alike",
      [service("web", { port: 1 }), service("admin-web", { port: 2 })],
      "`web:1` and `admin-web:2`",
    ],
    ["several that look like no site", [service("db", { port: 1 }), service("api", { port: 2 })], "`db:1` and `api:2`"],
    ["a Service without ports", [service("a")], "has no Service"],
  ])("asks where there is %s", (_, objects, what) => {
    expect(mainService(objects)).toMatchObject({
      ok: false,
      failure: { kind: "user", code: "nothing-exposed", what: expect.stringContaining(what) },
    });
  });
});
