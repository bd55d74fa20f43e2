/** One check of the repository: what it holds, the program that holds it, and a violation that it has to catch. */
export type Check = {
  name: string;
  command: string[];
  /** Files to write into a copy of the repository; with any one of them the check has to fail. */
  planted: { path: string; content: string }[];
};

export const checks: readonly Check[] = [
  {
    name: "format",
    command: ["biome", "ci", "--colors=off", "."],
    planted: [{ path: "src/planted.ts", content: "export   const planted = 'x'\n" }],
  },
  {
    name: "lint",
    command: ["oxlint", "--type-aware", "--deny-warnings"],
    planted: [
      { path: "src/planted.ts", content: "export function planted(value: any): void {\n  void value;\n}\n" },
      { path: "src/planted.ts", content: "export function planted(): void {\n  Promise.resolve(1);\n}\n" },
      {
        path: "test/core/planted.test.ts",
        content: 'import { vi } from "vitest";\nvi.mock("../../src/settings.ts");\n',
      },
      // Import directions, one for each rule.
      {
        path: "src/objects/planted.ts",
        content: 'import { readFileSync } from "node:fs";\nexport const planted = readFileSync;\n',
      },
      {
        path: "src/objects/planted.ts",
        content: 'import { SupersededError } from "../ports/records.ts";\nexport const planted = SupersededError;\n',
      },
      {
        path: "src/ports/planted.ts",
        content: 'import { slug } from "../preview/names.ts";\nexport const planted = slug;\n',
      },
      {
        path: "src/adapters/git/planted.ts",
        content: 'import { reconcile } from "../../pipeline/reconcile.ts";\nexport const planted = reconcile;\n',
      },
      {
        path: "src/pipeline/planted.ts",
        content: 'import { runProgram } from "../adapters/run-program.ts";\nexport const planted = runProgram;\n',
      },
      {
        path: "src/gateway/planted.ts",
        content: 'import { runProgram } from "../adapters/run-program.ts";\nexport const planted = runProgram;\n',
      },
    ],
  },
  {
    name: "types",
    command: ["tsc", "--noEmit"],
    planted: [{ path: "src/planted.ts", content: "export const planted: number = [1][0];\n" }],
  },
  {
    name: "unused code",
    command: ["knip", "--no-progress"],
    planted: [{ path: "src/planted.ts", content: "export const planted = 1;\n" }],
  },
  {
    name: "generated files",
    command: ["node", "infra/docs/main.ts", "--check"],
    planted: [{ path: "docs/configuration.md", content: "# Something else\n" }],
  },
];
