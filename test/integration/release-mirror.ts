import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { ListenOptions } from "node:net";
import { basename, dirname, join } from "node:path";
import { labPaths } from "../../infra/local/lab/paths.ts";
import { buildkitModule, corednsProgram, kubernetesProgram } from "../../infra/local/lab/programs.ts";
import { type Pins, pinsFile, readPins } from "../../infra/local/supply/binaries.ts";
import { runCommand } from "../../infra/local/supply/command.ts";
import { buildkitProgram, programDir } from "../../infra/local/supply/programs.ts";

/** The programs that have official releases. */
export const released = [kubernetesProgram(), corednsProgram(), buildkitProgram(buildkitModule)];

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * Makes a mirror of the publishers' layout in a folder, and answers its checksums. What it has was compiled here, since
 * the publishers cannot be reached from everywhere: our one Kubernetes program is each of its components when it is
 * called by that component's name.
 */
export async function makeMirror(folder: string): Promise<Pins> {
  const { signal } = new AbortController();
  const pins = await readPins(pinsFile);
  const digests = new Map<string, string>();
  for (const spec of released) {
    const compiled = await programDir(spec, labPaths().cache);
    const files = pins[spec.name]?.files["amd64"] ?? [];
    for (const file of files) {
      const own = join(compiled, spec.name === "kubernetes" ? "kubernetes" : basename(file.member ?? ""));
      const target = join(folder, "mirror", file.path);
      const link = file.member === null ? target : join(folder, "trees", basename(file.path), file.member);
      mkdirSync(dirname(target), { recursive: true });
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(own, link);
      if (file.member === null && !digests.has(own)) digests.set(own, await sha256(own));
      file.sha256 = digests.get(own) ?? null;
    }
    const archives = new Set(files.filter(({ member }) => member !== null).map(({ path }) => path));
    for (const archive of archives) {
      const members = files.filter(({ path }) => path === archive).map(({ member }) => member ?? "");
      const tree = join(folder, "trees", basename(archive));
      const args = ["-I", "gzip -1", "-chf", join(folder, "mirror", archive), "-C", tree, ...members];
      await runCommand("tar", args, { signal, timeoutSeconds: 120 });
      const digest = await sha256(join(folder, "mirror", archive));
      for (const file of files) if (file.path === archive) file.sha256 = digest;
    }
  }
  return pins;
}

/** Serves a mirror, below /releases/; what it was asked for is noted. */
export async function serveMirror(
  folder: string,
  where: ListenOptions,
): Promise<{ readonly server: Server; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").slice(1);
    asked.push(path);
    const file = join(folder, "mirror", path.replace(/^releases\//, ""));
    if (!existsSync(file) || path.endsWith("/")) return void response.writeHead(404).end();
    createReadStream(file).pipe(response);
  });
  server.listen(where);
  await once(server, "listening");
  return { server, asked };
}
