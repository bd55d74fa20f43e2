import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "golden");

/** `UPDATE_GOLDEN=1` writes the files anew; read the difference before committing it. */
const updates = process.env["UPDATE_GOLDEN"] === "1";

/** The text that was agreed on for a state; the given one where the files are written anew. */
export function golden(name: string, text: string): string {
  const file = join(folder, `${name}.md`);
  if (updates) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  return readFileSync(file, "utf8");
}

/** Names of all states that there is a text for. */
export function goldenNames(): string[] {
  return readdirSync(folder)
    .map((file) => file.replace(/\.md$/, ""))
    .toSorted();
}
