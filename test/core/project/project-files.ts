import type { ProjectFiles } from "../../../src/project/read-project.ts";

/** A repository that consists of these texts. */
export function projectFiles(files: Record<string, string>): ProjectFiles {
  return {
    entries: Object.keys(files)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((path) => ({ path, mode: "100644", objectId: "0".repeat(40) })),
    readText: async (path) => files[path],
  };
}
