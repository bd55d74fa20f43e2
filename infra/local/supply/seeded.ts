import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { type BaseImage, baseImages, type Ingredients, npmPackage, recipeHash } from "./base-images.ts";
import { readIfThere, writeAtomically } from "./files.ts";
import { type AptSetup, aptSetup, type OwnAuthority, ownAuthority } from "./machine.ts";
import { mirrorStorage } from "./registry.ts";

/** The machine's part in the images. */
export type Machine = { readonly apt: AptSetup; readonly authority: OwnAuthority | null };

/** Where the images' ingredients are. */
export type Sources = {
  readonly cache: string;
  /** Folder of the compiled pause program; its name identifies it. */
  readonly bin: string;
  /** Node's program that goes into the node image. */
  readonly node: string;
};

/** How packages and https work on this machine. */
export async function thisMachine(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Machine> {
  return { apt: await aptSetup(signal), authority: await ownAuthority(env) };
}

/** What goes into an image beside its recipe. */
export async function ingredientsOf(image: BaseImage, machine: Machine, sources: Sources): Promise<Ingredients> {
  const ca = machine.authority?.digest ?? "";
  if (image.name === "debian") return { files: {}, identity: [JSON.stringify(machine.apt), ca] };
  if (image.name === "pause") {
    return { files: { pause: join(sources.bin, "pause") }, identity: [basename(sources.bin)] };
  }
  if (image.name !== "node") return { files: {}, identity: [] };
  // Reading 120 MB at each start would cost more than it tells.
  const { size } = await stat(sources.node);
  return { files: { node: sources.node }, identity: [process.version, String(size), npmPackage.integrity, ca] };
}

const recordSchema = z.object({ recipe: z.string(), digest: z.string() });
type SeededRecord = z.infer<typeof recordSchema>;

function recordFile(cache: string, image: BaseImage): string {
  return join(mirrorStorage(cache), "seeded", `${image.name}.json`);
}

/** Remember of what recipe the mirror's image is. */
export function recordSeeded(cache: string, image: BaseImage, record: SeededRecord): void {
  writeAtomically(recordFile(cache, image), `${JSON.stringify(record)}\n`);
}

async function isSeeded(cache: string, image: BaseImage, recipe: string): Promise<boolean> {
  const text = await readIfThere(recordFile(cache, image));
  if (text === null) return false;
  const record = recordSchema.parse(JSON.parse(text));
  const tag = join("docker/registry/v2/repositories/library", image.name, "_manifests/tags", image.tag, "current/link");
  return record.recipe === recipe && (await readIfThere(join(mirrorStorage(cache), tag)))?.trim() === record.digest;
}

/** Base images that the mirror lacks, or has of an older recipe; each with its recipe's hash. */
export async function missingImages(machine: Machine, sources: Sources): Promise<Map<BaseImage, string>> {
  const recipes = new Map<string, string>();
  const missing = new Map<BaseImage, string>();
  // Parents come before their children in the table.
  for (const image of baseImages) {
    const parent = image.from === null ? null : (recipes.get(image.from) ?? null);
    const recipe = await recipeHash(image, await ingredientsOf(image, machine, sources), parent);
    recipes.set(image.name, recipe);
    if (!(await isSeeded(sources.cache, image, recipe))) missing.set(image, recipe);
  }
  return missing;
}
