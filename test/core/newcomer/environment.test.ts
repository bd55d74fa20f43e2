import { describe, expect, test } from "vitest";
import { newcomerEnvironment, placesBelow, registrySettings } from "../../../infra/newcomer/environment.ts";

const places = placesBelow("/tmp/gr-1");

describe("a newcomer's environment", () => {
  test("has nothing of its caller's but the way to the registries", () => {
    const env = newcomerEnvironment(
      {
        PATH: "/usr/bin",
        LANG: "C.UTF-8",
        HTTPS_PROXY: "http://proxy:3128",
        no_proxy: "localhost",
        NODE_EXTRA_CA_CERTS: "/ca.crt",
        npm_config_registry: "https://npm.example.com/",
        npm_config_userconfig: "/root/.npmrc",
        npm_config_cache: "/root/.npm",
        GITHUB_TOKEN: "secret",
        KUBECONFIG: "/root/.kube/config",
        GREENROOM_REGISTRY: "registry.example.com",
        NODE_OPTIONS: "--inspect",
        HOME: "/root",
        TERM: "xterm",
      },
      places,
      { GOPROXY: "https://go.example.com", GOPRIVATE: "" },
      "mark",
    );
    const { PATH, LANG, HTTPS_PROXY, no_proxy, NODE_EXTRA_CA_CERTS, npm_config_registry, GOPROXY, ...rest } = env;
    expect({ PATH, LANG, HTTPS_PROXY, no_proxy, NODE_EXTRA_CA_CERTS, npm_config_registry, GOPROXY }).toEqual({
      PATH: "/usr/bin",
      LANG: "C.UTF-8",
      HTTPS_PROXY: "http://proxy:3128",
      no_proxy: "localhost",
      NODE_EXTRA_CA_CERTS: "/ca.crt",
      npm_config_registry: "https://npm.example.com/",
      GOPROXY: "https://go.example.com",
    });
    const { GREENROOM_NEWCOMER, ...folders } = rest;
    expect(GREENROOM_NEWCOMER).toBe("mark");
    expect(Object.keys(folders).sort()).toEqual(
      [
        ["GOCACHE", "GOMODCACHE", "GOPATH", "GREENROOM_CACHE", "GREENROOM_LAB_STATE"],
        ["HOME", "TMPDIR", "XDG_CACHE_HOME", "npm_config_cache"],
      ].flat(),
    );
    for (const folder of Object.values(folders)) expect(folder).toMatch(/^\/tmp\/gr-1\//);
  });

  test("finds no program of this checkout's", () => {
    const path = "/repo/node_modules/node/bin:/repo/node_modules/.bin::/usr/local/bin:/usr/bin";
    expect(newcomerEnvironment({ PATH: path }, places, {}, "mark")["PATH"]).toBe("/usr/local/bin:/usr/bin");
  });
});

test("of an .npmrc only what leads to a registry is taken over, and no credentials", () => {
  const npmrc = [
    "cafile=/etc/ssl/certs/ca-certificates.crt",
    "registry = https://npm.example.com/",
    "@scope:registry=https://scope.example.com/",
    "https-proxy=http://proxy:3128",
    "//npm.example.com/:_authToken=secret",
    "_auth=c2VjcmV0",
    "prefix=/opt/npm",
    "ignore-scripts=true",
    "; registry=commented",
  ].join("\n");
  expect(registrySettings(npmrc)).toBe(
    [
      "cafile=/etc/ssl/certs/ca-certificates.crt",
      "registry = https://npm.example.com/",
      "@scope:registry=https://scope.example.com/",
      "https-proxy=http://proxy:3128",
      "",
    ].join("\n"),
  );
});
