import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../src/objects/kubernetes-object.ts";
import { mask, secretValues } from "../../../src/report/mask.ts";

const many = (characters: string, times: number) => characters.repeat(times);

describe("forms of tokens", () => {
  test.each([
    [`ghp_${many("a1", 18)}`, "***"],
    [`token ghs_${many("Z", 36)} used`, "token *** used"],
    [`github_pat_${many("a_", 20)}`, "***"],
    [`glpat-${many("x", 20)}`, "***"],
    ["AKIAIOSFODNN7EXAMPLE", "***"],
    [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${many("s", 20)}`, "***"],
    [`xoxb-${many("1", 12)}`, "***"],
    [`${["sk", "live", ""].join("_")}${many("a", 24)}`, "***"],
    [`npm_${many("a", 36)}`, "***"],
    [`Authorization: Bearer ${many("a", 20)}`, "Authorization: Bearer ***"],
    ["postgres://shop:s3cr3t@db:5432/shop", "postgres://shop:***@db:5432/shop"],
    ["connect redis://:hunter2@cache", "connect redis://:***@cache"],
    ["DB_PASSWORD=hunter2 started", "DB_PASSWORD=*** started"],
    ['{"password": "hunter2", "user": "a"}', '{"password": "***", "user": "a"}'],
    ["api_key=abc&x=1", "api_key=***&x=1"],
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nafter", "***\nafter"],
    ["-----BEGIN PRIVATE KEY-----\ncut off", "***"],
  ])("%s", (text, expected) => {
    expect(mask(text)).toBe(expected);
  });

  test.each([
    "Error: DATABASE_URL is not set",
    "Error: API_TOKEN is required",
    "password: must not be empty",
    "https://12-shop.preview.example/login",
    "connect ECONNREFUSED 10.0.0.1:5432",
    'secret "db" not found',
    "exited with code 137",
  ])("%s stays", (text) => {
    expect(mask(text)).toBe(text);
  });
});

test("known values, the longest first; short ones are words", () => {
  expect(mask("a correct-horse-battery b correct-horse c abc", ["correct-horse", "correct-horse-battery", "abc"])).toBe(
    "a *** b *** c abc",
  );
});

test("the values of Secrets, decoded and as they are", () => {
  const secret: KubernetesObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a" },
    data: { a: btoa("from-data"), key: btoa("line-number-one\nline-number-two") },
    stringData: { b: "from-string-data", c: "abc", d: 7 },
  };
  const values = secretValues([secret, { ...secret, kind: "ConfigMap", data: { a: "public-value" } }]);
  expect(values).toEqual(
    expect.arrayContaining(["from-data", btoa("from-data"), "from-string-data", "line-number-two"]),
  );
  expect(values).not.toContain("abc");
  expect(values).not.toContain("public-value");
});

test("of a registry's credentials every part, and of a password how a URL has it", () => {
  const auth = btoa("robot:s3cr3t/pässword".normalize("NFD").replace(/[^ -~]/g, "x"));
  const config = { auths: { "registry.example": { username: "robot", password: "hunter2/hunter2", auth } } };
  const secret: KubernetesObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "greenroom-pull" },
    data: { ".dockerconfigjson": btoa(JSON.stringify(config)) },
  };
  const log = `login hunter2/hunter2, hunter2%2Fhunter2, ${auth}, ${atob(auth).slice(6)} as robot`;
  expect(mask(log, secretValues([secret]))).toBe("login ***, ***, ***, *** as robot");
});

test("so many values as can be looked for, whatever the Secrets hold", () => {
  const data = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`key-${index}`, `value-${index}`]));
  const secret: KubernetesObject = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: data };
  expect(secretValues([secret])).toHaveLength(1_000);
  const broken = { ...secret, stringData: { a: '{"auths": [', b: '{"auths": {"x": 7}}', c: "\ud800 alone" } };
  expect(() => secretValues([broken])).not.toThrow();
});

test("property: no known secret is left, and masking again changes nothing", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{6,20}$/);
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 4 }), fc.array(fc.string(), { maxLength: 5 }), (secrets, texts) => {
      const log = texts.flatMap((text, index) => [text, secrets[index] ?? ""]).join(" ");
      const once = mask(log, secrets);
      for (const each of secrets) expect(once).not.toContain(each);
      expect(mask(once, secrets)).toBe(once);
    }),
  );
});
