import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { route } from "../../../src/gateway/route.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { preview } from "./sample.ts";

const base = "preview.example.dev";

const ask = (header: string | undefined, ...previews: Preview[]) =>
  route(header, base, (name) => previews.find((each) => each.name === name));

const target = (header: string, shown: Preview) => {
  const found = ask(header, shown);
  return found.kind === "preview" ? found.target : found.kind;
};

describe("a host leads to a service", () => {
  const shop = preview("12-shop");
  const web = { namespace: "preview-12-shop", service: "web", port: 80 };

  test.each([
    ["12-shop.preview.example.dev", web],
    ["12-shop.preview.example.dev:8080", web],
    ["12-SHOP.Preview.Example.Dev", web],
    ["12-shop.preview.example.dev.", web],
    ["api--12-shop.preview.example.dev", { ...web, service: "api", port: 8080 }],
    ["db--12-shop.preview.example.dev", "unknown"],
    ["13-shop.preview.example.dev", "unknown"],
    ["x.12-shop.preview.example.dev", "unknown"],
    ["12-shop.preview.example.dev.evil.example", "unknown"],
    ["12-shop.evil.example", "unknown"],
    ["12-shoppreview.example.dev", "unknown"],
    ["preview.example.dev", "unknown"],
    ["10.244.0.7", "unknown"],
  ])("%s", (header, expected) => expect(target(header, shop)).toEqual(expected));
});

test.each([
  undefined,
  "",
  ".",
  "-",
  "a b",
  "a/b",
  "12-shop.preview.example.dev/x",
  "user@12-shop.preview.example.dev",
  "12-shop.preview.example.dev:port",
  "12-shop.preview.example.dev:1:2",
  "[::1]",
  "12-shop_.preview.example.dev",
  "12-shop.preview.example.dev,evil",
  "ä.preview.example.dev",
  `${"a".repeat(300)}.preview.example.dev`,
])("%j is no host", (header) => {
  expect(ask(header, preview("12-shop"))).toEqual({ kind: "bad-host" });
});

describe("a preview is shown", () => {
  const host = "12-shop.preview.example.dev";
  const shown = (status: Parameters<typeof preview>[1]) => target(host, preview("12-shop", status)) !== undefined;

  test.each(["Ready", "Failing", "Building", "Deploying", "Waiting", "Held", "Failed"] as const)(
    "while %s, once a commit has been ready",
    (phase) => expect(shown({ phase })).toBe(true),
  );

  test.each(["Asleep", "Removing"] as const)("not while %s", (phase) => expect(shown({ phase })).toBe(false));

  test("not before a commit has been ready", () => {
    const { status, ...rest } = preview("12-shop", { phase: "Deploying" });
    const { deployedCommit: _, ...first } = status;
    expect(target(host, { ...rest, status: first })).toBeUndefined();
  });

  test("not once its record is deleted", () => {
    expect(target(host, { ...preview("12-shop"), deleting: true })).toBeUndefined();
  });

  test("by a page before its services are known, also at the host of a service", () => {
    const { status, ...rest } = preview("12-shop");
    const { urls: _, ...first } = status;
    expect(target(host, { ...rest, status: first })).toBeUndefined();
    expect(target(`api--${host}`, { ...rest, status: first })).toBeUndefined();
  });
});

test("never throws, whatever the header", () => {
  assert(
    property(string(), (header) => {
      expect(["bad-host", "unknown"]).toContain(ask(header, preview("12-shop")).kind);
    }),
  );
});
