import type { ProjectFiles } from "./read-project.ts";
import { configFiles } from "./config.ts";
import type { ConfigFile } from "./read-policy.ts";

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
