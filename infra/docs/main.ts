// Writes every file that is generated from the code; `--check` only says which of them are out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandFiles } from "./commands.ts";
import { commentFiles } from "./comments.ts";
import { configurationFiles } from "./configuration.ts";
import { crdFiles } from "./crd.ts";
import { decisionFiles } from "./decisions.ts";
import { guardFiles } from "./guard.ts";
import { settingsFiles } from "./settings.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Content by path relative to the repository's root. */
const files: Record<string, string> = {
  ...commandFiles(),
  ...commentFiles(),
  ...configurationFiles(),
  ...crdFiles(),
  ...decisionFiles(root),
  ...guardFiles(),
  ...settingsFiles(),
};

function current(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch {
    return undefined;
  }
}

const stale = Object.entries(files).filter(([path, content]) => current(path) !== content);
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`${path} is out of date; run \`npm run docs\``);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, content] of stale) {
    writeFileSync(join(root, path), content);
    console.log(`wrote ${path}`);
  }
}
