import { describe, expect, test } from "vitest";
import { type ForeignFlags, foreignFrom } from "../../../infra/local/lab/foreign-flags.ts";

const cluster = { context: "kind-kind", registry: "registry.example:5000/previews" };

describe("a cluster of one's own", () => {
  test("is not meant without any flag", () => {
    expect(foreignFrom({})).toBeUndefined();
  });

  test("needs a context and a registry; the lab brings a BuildKit where none is named", () => {
    expect(foreignFrom(cluster)).toEqual(cluster);
    const buildkit = "tcp://10.0.0.7:1234";
    expect(foreignFrom({ ...cluster, buildkit })).toEqual({ ...cluster, buildkit });
  });

  test("has its files' names made whole, since the lab works elsewhere", () => {
    const found = foreignFrom({ ...cluster, registryAuth: "push.json", registryPullAuth: "/pull.json" });
    expect(found).toMatchObject({ registryAuth: `${process.cwd()}/push.json`, registryPullAuth: "/pull.json" });
  });

  test.each<[string, ForeignFlags, RegExp]>([
    ["a context alone", { context: "kind-kind" }, /^--context needs --registry HOST/],
    ["a context and a BuildKit", { context: "kind-kind", buildkit: "tcp://h:1" }, /^--context needs --registry HOST/],
    ["a registry alone", { registry: "registry.example" }, /^--registry goes with --context NAME/],
    ["credentials alone", { registryAuth: "push.json" }, /^--registry-auth goes with --context/],
    ["credentials for pulling alone", { registryPullAuth: "pull.json" }, /^--registry-pull-auth goes with --context/],
    ["a BuildKit alone", { buildkit: "tcp://h:1" }, /^--buildkit goes with --context/],
    ["a URL for a registry", { ...cluster, registry: "https://registry.example/a" }, /not "https:\/\/registry/],
    ["an empty registry", { ...cluster, registry: "" }, /^--registry is HOST/],
    ["a BuildKit without a scheme", { ...cluster, buildkit: "10.0.0.7:1234" }, /^--buildkit is an address/],
  ])("%s is an error that says what is missing", (_, flags, message) => {
    expect(() => foreignFrom(flags)).toThrow(message);
  });
});
