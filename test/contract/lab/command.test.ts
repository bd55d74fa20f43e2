import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const entry = join(import.meta.dirname, "../../../infra/local/lab/main.ts");

test.each([
  ["a cluster without a registry", ["up", "--context", "kind-kind"], "--context needs --registry"],
  ["a flag that does not exist", ["up", "--contxt", "kind-kind"], "unknown option '--contxt'"],
])("%s ends with 64 and says what is wrong", (_, args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [entry, ...args], { encoding: "utf8" });
  expect(stderr).toContain(message);
  expect(status).toBe(64);
});
