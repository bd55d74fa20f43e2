import { describe, expect, test } from "vitest";
import { readSettings, SettingsError } from "../../src/settings.ts";

const complete = {
  GREENROOM_GITHUB_APP_ID: "12",
  GREENROOM_GITHUB_PRIVATE_KEY_FILE: "/secrets/key.pem",
  GREENROOM_WEBHOOK_SECRET: "a-secret-of-some-length",
  GREENROOM_REDIS_URL: "redis://127.0.0.1:6379",
  GREENROOM_REGISTRY: "registry.example:5000/greenroom",
  GREENROOM_BUILDKIT_ADDRESS: "unix:///run/buildkitd.sock",
  GREENROOM_BASE_DOMAIN: "preview.example.dev",
};
const files = (path: string): string => {
  if (path === "/secrets/key.pem") return "-----BEGIN PRIVATE KEY-----\n";
  throw new Error("ENOENT");
};

function problemsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(environment, files);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe("settings", () => {
  test("come from the environment, secrets from files, the rest has defaults", () => {
    const settings = readSettings(complete, files);
    expect(settings.GREENROOM_GITHUB_PRIVATE_KEY).toMatch(/BEGIN PRIVATE KEY/);
    expect(settings.GREENROOM_GITHUB_APP_ID).toBe(12);
    expect(settings.GREENROOM_NAMESPACE).toBe("greenroom");
  });

  test("without a webhook secret there is no start, and every other problem is named in the same go", () => {
    const { GREENROOM_WEBHOOK_SECRET: _, ...rest } = complete;
    const problems = problemsOf({ ...rest, GREENROOM_REDIS_URL: "http://x", GREENROOM_CONCURRENCY: "none" });
    expect(problems).toHaveLength(3);
    expect(problems).toContain("GREENROOM_WEBHOOK_SECRET is not set (nor GREENROOM_WEBHOOK_SECRET_FILE)");
  });

  test("a secret that is too short is refused without being shown", () => {
    const problems = problemsOf({ ...complete, GREENROOM_WEBHOOK_SECRET: "short" });
    expect(problems).toEqual(["GREENROOM_WEBHOOK_SECRET has to have at least 16 characters"]);
  });

  test("a file that cannot be read is named", () => {
    const problems = problemsOf({ ...complete, GREENROOM_GITHUB_PRIVATE_KEY_FILE: "/nowhere" });
    expect(problems).toEqual(["GREENROOM_GITHUB_PRIVATE_KEY_FILE: /nowhere cannot be read (ENOENT)"]);
  });
});
