import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { authority, type Endpoint } from "../lab/endpoints.ts";
import { retryUntil } from "../lab/readiness.ts";
import type { Service } from "../lab/service.ts";
import {
  buildAddresses,
  locateRegistries,
  mtuOfWayOut,
  namespaceFile,
  openBuildNetwork,
  seedingEndpoint,
} from "./build-network.ts";
import { type BuildNetwork, cniConfig } from "./build-rules.ts";
import { runCommand } from "./command.ts";
import { writeAtomically } from "./files.ts";
import type { WayOut } from "./way-out.ts";

export type BuildkitOptions = {
  /** Folder of the compiled buildkitd and buildctl. */
  readonly bin: string;
  /** Snapshots, layers and the build cache; kept between runs. */
  readonly root: string;
  readonly configDir: string;
  /** The socket, `unix://…`. */
  readonly address: string;
  /** Where images are pushed to; plain HTTP unless it says TLS. */
  readonly registry: Endpoint & { readonly tls?: boolean };
  /** The anonymous mirror of docker.io. */
  readonly mirror: Endpoint;
  readonly wayOut: WayOut;
  /** Control group of build steps, below the lab's own. */
  readonly cgroupParent: string;
};

// TOML's basic strings are JSON's, for what we put into them.
const quoted = (text: string): string => JSON.stringify(text);

/** buildkitd.toml. */
export function buildkitConfig(options: BuildkitOptions, cniFile: string): string {
  const plain = (endpoint: Endpoint): string => `[registry.${quoted(authority(endpoint))}]\n  http = true\n`;
  return [
    `root = ${quoted(options.root)}`,
    "[grpc]",
    `  address = [${quoted(options.address)}]`,
    "[dns]",
    `  nameservers = [${options.wayOut.nameservers.map(quoted).join(", ")}]`,
    "[history]",
    "  maxEntries = 1000",
    "[worker.containerd]",
    "  enabled = false",
    "[worker.oci]",
    "  enabled = true",
    '  binary = "runc"',
    '  snapshotter = "overlayfs"',
    '  networkMode = "cni"',
    `  cniConfigPath = ${quoted(cniFile)}`,
    '  cniBinaryPath = "/usr/lib/cni"',
    // Namespaces made in advance, so that a step does not wait for its own.
    "  cniPoolSize = 4",
    `  defaultCgroupParent = ${quoted(options.cgroupParent)}`,
    "  gc = true",
    '  maxUsedSpace = "20GB"',
    '[registry."docker.io"]',
    `  mirrors = [${quoted(authority(options.mirror))}]`,
    plain(options.mirror),
    options.registry.tls === true ? "" : plain(options.registry),
  ].join("\n");
}

/** BuildKit as a service, with its network and rules made and its configuration written. */
export async function buildkitService(options: BuildkitOptions, signal: AbortSignal): Promise<Service> {
  await mkdir(options.root, { recursive: true });
  const network: BuildNetwork = {
    ...buildAddresses,
    allowed: options.wayOut.allowed,
    ...(await locateRegistries([options.registry, options.mirror, seedingEndpoint])),
    nameserverBehindStub: options.wayOut.behindStub ? (options.wayOut.nameservers[0] ?? null) : null,
  };
  const mtu = await mtuOfWayOut(signal);
  await openBuildNetwork(network, mtu, signal);
  const cniFile = join(options.configDir, "build.conflist");
  const configFile = join(options.configDir, "buildkitd.toml");
  writeAtomically(cniFile, cniConfig(network, mtu, join(options.configDir, "addresses")));
  writeAtomically(configFile, buildkitConfig(options, cniFile));
  await mkdir(join(options.address.replace(/^unix:\/\//, ""), ".."), { recursive: true });
  const buildctl = join(options.bin, "buildctl");
  return {
    name: "buildkitd",
    command: "nsenter",
    args: [`--net=${namespaceFile}`, "--", join(options.bin, "buildkitd"), "--config", configFile],
    // A step that runs is cancelled first, and its namespace taken down.
    stopTimeoutSeconds: 20,
    readiness: (stop) =>
      retryUntil(
        (limit) =>
          runCommand(buildctl, ["--addr", options.address, "debug", "workers"], {
            signal: limit,
            timeoutSeconds: 10,
          }).then(() => undefined),
        { seconds: 60, signal: stop },
      ),
  };
}

/**
 * Start a program that keeps its data in a folder. Should it not come up, its data may be damaged, as after a power
 * cut: what is there is thrown away, since all of it can be made anew, and it is started once more.
 */
export async function startAfreshIfNeeded(
  root: string,
  start: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const discarded = `${root}.discarded-`;
  for (const name of await readdir(dirname(root)).catch(() => [])) {
    if (name.startsWith(basename(discarded))) await rm(join(dirname(root), name), { recursive: true, force: true });
  }
  try {
    await start();
  } catch (error) {
    if (signal.aborted || (await readdir(root).catch(() => [])).length === 0) throw error;
    // Not removed here: a dead daemon's mounts may still be below it.
    await rename(root, `${discarded}${process.pid}`);
    await mkdir(root);
    await start();
  }
}

/** Start BuildKit under a supervisor, with a new root if the old one is of no use. */
export async function startBuildkit(
  supervisor: { start(service: Service, signal: AbortSignal): Promise<void> },
  options: BuildkitOptions,
  signal: AbortSignal,
): Promise<void> {
  const service = await buildkitService(options, signal);
  await startAfreshIfNeeded(options.root, () => supervisor.start(service, signal), signal);
}
