import { z } from "zod";
import { previewsSchema, type Previews } from "./config-previews.ts";
import { type Config, configSchema } from "./config.ts";
import { parseConfig } from "./parse-config.ts";

/** A configuration file as it stands on a branch; without a text where it is none, or too large for one. */
export type ConfigFile = { file: string; text: string | undefined };

/** Which pull requests a repository wants previews of. */
export type RepositoryPolicy =
  | { state: "configured" | "none"; previews: Previews }
  /** What stands there cannot be read: one sentence, and in which file and line. */
  | { state: "broken"; problem: string; where: string };

/** The rest of the file may be wrong: whoever corrects it has to get a preview. */
const policyOnly: z.ZodType<Pick<Config, "previews">> = z.object({ previews: configSchema.shape.previews });

/** Reads the `previews` of a base branch's configuration. */
export function readPolicy(config: ConfigFile | undefined): RepositoryPolicy {
  if (config === undefined) return { state: "none", previews: previewsSchema.parse({}) };
  const { file, text } = config;
  if (text === undefined) return { state: "broken", problem: "it cannot be read as a text.", where: file };
  const parsed = parseConfig(text, file, policyOnly);
  if (parsed.ok) return { state: "configured", previews: parsed.value.config.previews ?? previewsSchema.parse({}) };
  const { what, where } = parsed.failure;
  // What begins with the file's name here is said beside the branch's.
  const problem = what.replace(`\`${file}\`: `, "");
  return { state: "broken", problem, where: where?.line === undefined ? file : `${file}:${where.line}` };
}
