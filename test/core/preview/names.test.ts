import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostLabel, namespaceOf, parseHostLabel, recordNames } from "../../../src/preview/names.ts";

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const repositoryName = fc.stringMatching(/^[A-Za-z0-9._-]{1,100}$/);
const pullRequest = fc.integer({ min: 1, max: 999_999 });
const repositoryId = fc.integer({ min: 1, max: 2_000_000_000 });
const serviceName = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,9}$/);

describe("names", () => {
  test("read well for an ordinary repository", () => {
    expect(recordNames("shop", 42, 12)).toEqual(["12-shop", "12-shop-16"]);
    expect(recordNames("My_Web.App", 42, 3)[0]).toBe("3-my-web-app");
    expect(recordNames("---", 42, 3)[0]).toBe("3-repository");
  });

  test("are always valid labels of at most 63 characters, with a service's prefix too", () => {
    fc.assert(
      fc.property(repositoryName, repositoryId, pullRequest, serviceName, (name, id, number, service) => {
        for (const record of recordNames(name, id, number)) {
          expect(record).toMatch(dnsLabel);
          expect(namespaceOf(record)).toMatch(dnsLabel);
          expect(hostLabel(record, undefined)).toMatch(dnsLabel);
          expect(hostLabel(record, service)).toMatch(dnsLabel);
        }
      }),
    );
  });

  test("a host label leads back to exactly its record and service", () => {
    fc.assert(
      fc.property(repositoryName, repositoryId, pullRequest, fc.option(serviceName), (name, id, number, service) => {
        for (const recordName of recordNames(name, id, number)) {
          const label = hostLabel(recordName, service ?? undefined);
          expect(parseHostLabel(label)).toEqual({ recordName, service: service ?? undefined });
        }
      }),
    );
  });

  test("long names that differ only at their end stay apart", () => {
    const [a] = recordNames(`${"x".repeat(60)}a`, 1, 5);
    const [b] = recordNames(`${"x".repeat(60)}b`, 2, 5);
    expect(a).not.toBe(b);
  });
});
