import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes a Helm 4 plugin that post-renders with a standard program. The program gets what is given with
 * `--post-renderer-args` as its arguments, the rendered objects as input, and answers the objects to go on with.
 */
export async function writePlugin(plugins: string, name: string, program: string): Promise<void> {
  const folder = join(plugins, name);
  await mkdir(folder, { recursive: true });
  const plugin = {
    apiVersion: "v1",
    name,
    type: "postrenderer/v1",
    version: "0.1.0",
    runtime: "subprocess",
    runtimeConfig: { platformCommand: [{ command: program }] },
  };
  await writeFile(join(folder, "plugin.yaml"), JSON.stringify(plugin));
}
