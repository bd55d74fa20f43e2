// Writes the CustomResourceDefinition from its zod schema; with --check only says whether the file is up to date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { previewDefinition } from "../../src/adapters/kubernetes/crd.ts";

const file = join(import.meta.dirname, "../../charts/greenroom/crds/previews.yaml");
const text = `# Made from src/preview/preview.ts by infra/docs/crd.ts; change it there.\n${stringify(previewDefinition(), { lineWidth: 0, aliasDuplicateObjects: false })}`;

function current(): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

if (process.argv.includes("--check")) {
  if (current() !== text) {
    console.error(
      "charts/greenroom/crds/previews.yaml is not what src/preview/preview.ts says; run: node infra/docs/crd.ts",
    );
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
