import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { compileBuilder, startBuilder } from "./builder.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Foreign } from "./messages.ts";
import { makeNetwork } from "./network.ts";
import type { LabPaths } from "./paths.ts";
import type { Stage, Target, Tools } from "./stage.ts";
import { greenroomIsThere, recordInstallation } from "./uninstall.ts";

/**
 * A cluster of the user's own. Its context is copied into a kubeconfig of the lab's at the start, and
 * nothing after that reads the user's, so no other cluster can be touched whatever happens to it.
 */
export async function foreignCluster(stage: Stage, tools: Tools, foreign: Foreign): Promise<Target> {
  const { paths, endpoints, board, signal } = stage;
  await board.run("context", () => copyContext(paths, tools, foreign.context, signal));
  const admin = { kubeconfig: paths.kubeconfig, ...tools };
  if (await greenroomIsThere(admin, signal)) {
    throw new Error(`The cluster of context ${foreign.context} has a Greenroom already; this would take it over.`);
  }
  await recordInstallation(paths, admin);
  const registryInsecure = !(await speaksTls(foreign.registry, signal));
  const registryAuth = await copyAuth(foreign.registryAuth, paths.registryAuth);
  const registryPullAuth = await copyAuth(foreign.registryPullAuth, paths.registryPullAuth);
  const { registry } = foreign;
  const dial = "port-forward";
  const common = { admin, registry, registryInsecure, registryAuth, registryPullAuth, dial } as const;
  const bin = await compileBuilder(stage);
  const buildctl = join(bin, "buildctl");
  if (foreign.buildkit !== undefined) return { ...common, buildkit: foreign.buildkit, buildctl };
  await makeNetwork(paths);
  await startBuilder(stage, bin, { ...registryEndpoint(foreign.registry), tls: !registryInsecure });
  return { ...common, buildkit: endpoints.buildkit, buildctl };
}

async function copyContext(paths: LabPaths, tools: Tools, context: string, signal: AbortSignal): Promise<void> {
  const view = ["config", "view", "--raw", "--flatten", "--minify", "--context", context, "--output", "yaml"];
  const config = await run(tools.kubectl, view, { signal });
  await mkdir(paths.kubernetes, { recursive: true, mode: 0o700 });
  await writeFile(paths.kubeconfig, config, { mode: 0o600 });
  await run(tools.kubectl, ["--kubeconfig", paths.kubeconfig, "version", "--output", "json"], { signal });
}

async function copyAuth(from: string | undefined, to: string): Promise<string | undefined> {
  if (from === undefined) return undefined;
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  await chmod(to, 0o600);
  return to;
}

/** The registry's host and port, without the prefix. */
export function registryEndpoint(registry: string): Endpoint {
  const [authority = ""] = registry.split("/");
  const [host = "", port] = authority.split(":");
  return { host, port: port === undefined ? 443 : Number(port) };
}

async function speaksTls(registry: string, signal: AbortSignal): Promise<boolean> {
  const { host, port } = registryEndpoint(registry);
  const answers = async (url: string): Promise<boolean> => {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) });
    await response.body?.cancel();
    return true;
  };
  if (await answers(`https://${host}:${port}/v2/`).catch(() => false)) return true;
  if (await answers(`http://${host}:${port}/v2/`).catch(() => false)) return false;
  throw new Error(`No registry answers at ${host}:${port}, neither with TLS nor without.`);
}
