import { describe, expect, test } from "vitest";
import { authority, labEndpoints } from "../../../infra/local/lab/endpoints.ts";
import { registryEndpoint } from "../../../infra/local/lab/foreign-cluster.ts";
import { labPaths } from "../../../infra/local/lab/paths.ts";

describe("labPaths", () => {
  test("follows the environment", () => {
    const paths = labPaths({ GREENROOM_LAB_STATE: "/srv/lab", GREENROOM_CACHE: "/srv/cache" });
    expect(paths).toMatchObject({
      state: "/srv/lab",
      cache: "/srv/cache",
      kubeconfig: "/srv/lab/kubernetes/admin.conf",
    });
  });

  test("the cache is where caches belong", () => {
    expect(labPaths({ HOME: "/home/ada" }).cache).toBe("/home/ada/.cache/greenroom");
    expect(labPaths({ HOME: "/home/ada", XDG_CACHE_HOME: "/var/cache/ada" }).cache).toBe("/var/cache/ada/greenroom");
  });
});

describe("labEndpoints", () => {
  test("an offset moves what is on loopback and leaves the bridge alone", () => {
    const paths = labPaths({ GREENROOM_LAB_STATE: "/srv/lab" });
    const [plain, moved] = [labEndpoints(paths), labEndpoints(paths, 100)];
    expect([plain.standIn, moved.standIn].map(authority)).toEqual(["127.0.0.1:4000", "127.0.0.1:4100"]);
    expect(moved.registry).toEqual(plain.registry);
  });

  test("no two listeners share a port", () => {
    const { buildkit: _, ...listeners } = labEndpoints(labPaths({ GREENROOM_LAB_STATE: "/srv/lab" }));
    const all = Object.values(listeners).map(authority);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("registryEndpoint", () => {
  test.each([
    ["registry.example.com/team", { host: "registry.example.com", port: 443 }],
    ["localhost:5001", { host: "localhost", port: 5001 }],
    ["10.0.0.1:5000/a/b", { host: "10.0.0.1", port: 5000 }],
  ])("%s", (text, expected) => {
    expect(registryEndpoint(text)).toEqual(expected);
  });
});
