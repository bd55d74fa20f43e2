import { defineConfig } from "vitest/config";

const project = (name: string, folder: string, timeoutSeconds: number, parallel: boolean, isolate = true) => ({
  test: {
    name,
    include: [`test/${folder}/**/*.test.ts`],
    exclude: name === "chaos" ? [] : ["test/e2e/chaos/**"],
    testTimeout: timeoutSeconds * 1_000,
    hookTimeout: timeoutSeconds * 1_000,
    fileParallelism: parallel,
    isolate,
    // Tests that are marked as concurrent share two cores with everything that they wait for.
    maxConcurrency: 4,
  },
});

export default defineConfig({
  test: {
    projects: [
      // Pure rooms share nothing, so their files need no process of their own.
      project("unit", "core", 10, true, false),
      project("contract", "contract", 60, true),
      project("model", "model", 600, false),
      project("integration", "integration", 180, false),
      project("e2e", "e2e", 300, false),
      // By `npm run test:chaos` alone: it takes minutes, and the lab's own worker away.
      project("chaos", "e2e/chaos", 300, false),
    ],
    coverage: { provider: "v8", include: ["src/**"], reportsDirectory: "coverage" },
  },
});
