import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { materialise } from "../../repos/load.ts";
import { services } from "./changes.ts";

/** Together about 10 s of processor time, which all processors share. */
const units = 80;

/** The only one without a name. */
const finalStage = /^FROM (\S+)$/m;

/**
 * The shop with builds as long as those of most repositories: each image compiles in a stage of its own, from that
 * service's files alone. The shop itself has nothing to compile, which would say little about what is saved by not
 * building.
 */
export async function materialiseCompiledShop(directory: string): Promise<void> {
  await materialise("shop", directory);
  for (const service of services) {
    const folder = join(directory, "services", service);
    await copyFile(join(import.meta.dirname, "compiled/compile.mjs"), join(folder, "compile.mjs"));
    await writeFile(join(folder, "compile.json"), `${JSON.stringify({ units })}\n`);
    const file = join(folder, "Dockerfile");
    await writeFile(file, withCompileStage(await readFile(file, "utf8")));
  }
}

/** Puts a stage before the last one, which takes its result over. */
export function withCompileStage(dockerfile: string): string {
  if (!finalStage.test(dockerfile)) throw new Error("the Dockerfile has no final stage without a name");
  const staged = dockerfile.replace(
    finalStage,
    (final: string, base: string) =>
      `FROM ${base} AS compiled\nWORKDIR /app\nCOPY . .\nRUN node compile.mjs\n\n${final}`,
  );
  return `${staged.trimEnd()}\nCOPY --from=compiled /app/compiled ./compiled\n`;
}
