// Changes of the shop that a benchmark or a test pushes. Each makes content that never was before, so that what has to
// be built cannot come from a cache that something else filled.
import { randomBytes } from "node:crypto";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The shop's services, each with an image of its own. */
export const services = ["web", "api", "worker"] as const;
export type Service = (typeof services)[number];

const manifest = z.looseObject({ description: z.string() });

/** Changes every service before its dependencies are installed: nothing but the base images can be reused. */
export async function changeEverything(directory: string): Promise<void> {
  for (const service of services) {
    const file = join(directory, "services", service, "package.json");
    const content = manifest.parse(JSON.parse(await readFile(file, "utf8")));
    await writeFile(file, `${JSON.stringify({ ...content, description: unique() }, null, 2)}\n`);
  }
}

/** Changes the source of one service, as most pushes do. */
export async function changeService(directory: string, service: Service): Promise<void> {
  const entry = service === "worker" ? "worker.js" : "server.js";
  await appendFile(join(directory, "services", service, entry), `// ${unique()}\n`);
}

/**
 * Makes one service deaf to SIGTERM, as programs are that run as process 1 without a handler, with the time to stop
 * that Kubernetes gives unless a chart says otherwise. Always the same content: only the end is what this is for.
 */
export async function ignoreTermination(directory: string): Promise<void> {
  const deaf = 'process.removeAllListeners("SIGTERM").on("SIGTERM", () => undefined);\n';
  await appendFile(join(directory, "services/web/server.js"), deaf);
  const file = join(directory, "chart/templates/_helpers.tpl");
  const grace = /^terminationGracePeriodSeconds: \d+$/m;
  const template = await readFile(file, "utf8");
  if (!grace.test(template)) throw new Error(`${file} has no time to stop`);
  await writeFile(file, template.replace(grace, "terminationGracePeriodSeconds: 30"));
}

/** Changes what no image holds. */
export async function changeReadme(directory: string): Promise<void> {
  await appendFile(join(directory, "README.md"), `\n${unique()}\n`);
}

function unique(): string {
  return `Edition ${randomBytes(8).toString("hex")}`;
}
