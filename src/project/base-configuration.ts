import type { ProjectFiles } from "./read-project.ts";
import { configFiles } from "./config.ts";
import { quote } from "../objects/words.ts";
import { type ConfigFile, readPolicy } from "./read-policy.ts";

/** The files of a commit, as if the base branch's configuration stood in the place of its own. */
export function withConfigurationOf(config: ConfigFile | undefined, files: ProjectFiles): ProjectFiles {
  return {
    entries: files.entries.filter(({ path }) => !isConfig(path)),
    async readText(path) {
      if (!isConfig(path)) return await files.readText(path);
      return path === config?.file ? config.text : undefined;
    },
  };
}

function isConfig(path: string): boolean {
  return configFiles.some((each) => each === path);
}

export type Bases = {
  /** The base branch and its configuration. */
  ref: string;
  config?: ConfigFile;
};

/** What a commit's own configuration changes without effect, as long as it is not merged. */
export async function ineffectiveChanges(files: ProjectFiles, base: Bases, isOwnUsed: boolean): Promise<string[]> {
  const own = await ownConfiguration(files);
  if (own === undefined || own.text === base.config?.text) return [];
  const merged = "It counts once this is merged.";
  if (!isOwnUsed) return [`${quote(own.file)} of ${quote(base.ref)} is used, not the one of this commit. ${merged}`];
  const [now, then] = [readPolicy(base.config), readPolicy(own)];
  if (then.state !== "configured" || now.state === "broken") return [];
  if (JSON.stringify(now.previews) === JSON.stringify(then.previews)) return [];
  return [
    `Which pull requests get a preview is said by ${quote(base.ref)}, not by \`previews\` of this commit. ${merged}`,
  ];
}

async function ownConfiguration(files: ProjectFiles): Promise<ConfigFile | undefined> {
  for (const file of configFiles) {
    // oxlint-disable-next-line no-await-in-loop -- the second is read only where the first is missing
    const text = await files.readText(file);
    if (text !== undefined) return { file, text };
  }
  return undefined;
}
