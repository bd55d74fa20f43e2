import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { redisUrlFile } from "../supply/redis.ts";
import { authority, baseDomain, bridge, type LabEndpoints } from "./endpoints.ts";
import type { LabPaths } from "./paths.ts";
import { acceptsConnections } from "./readiness.ts";
import { run } from "./command.ts";
import type { Service } from "./service.ts";
import { readCredentials } from "./status.ts";

/** The worker processes of the lab, each with the rooms it runs. */
const processes = [
  { name: "greenroom-web", rooms: "intake,gateway" },
  { name: "greenroom-work", rooms: "pull-requests,commands,sweep" },
] as const;

export type GreenroomOptions = {
  readonly paths: LabPaths;
  readonly endpoints: LabEndpoints;
  readonly kubeconfig: string;
  readonly buildkit: string;
  /** Registry and prefix that images are pushed to. */
  readonly registry: string;
  readonly registryInsecure: boolean;
  readonly registryAuth: string;
  readonly helm: string;
  readonly buildctl: string;
  /** How the gateway reaches pods. */
  readonly dial: "direct" | "port-forward";
};

/** Greenroom itself, configured as an operator would: by environment, secrets in files. */
export async function greenroomServices(options: GreenroomOptions): Promise<Service[]> {
  const { paths, endpoints } = options;
  const github = readCredentials(paths);
  const secrets = join(paths.state, "greenroom", "secrets");
  const data = join(paths.state, "greenroom", "data");
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  await mkdir(data, { recursive: true });
  const webhookSecret = join(secrets, "webhook-secret");
  await writeFile(webhookSecret, github.webhookSecret, { mode: 0o600 });
  const env = {
    GREENROOM_GITHUB_API_URL: github.apiUrl,
    GREENROOM_GITHUB_APP_ID: String(github.appId),
    GREENROOM_GITHUB_PRIVATE_KEY_FILE: github.privateKeyPath,
    GREENROOM_WEBHOOK_SECRET_FILE: webhookSecret,
    GREENROOM_REDIS_URL_FILE: redisUrlFile(paths.state),
    GREENROOM_KUBECONFIG: options.kubeconfig,
    GREENROOM_REGISTRY: options.registry,
    GREENROOM_REGISTRY_AUTH_FILE: options.registryAuth,
    GREENROOM_REGISTRY_INSECURE: String(options.registryInsecure),
    GREENROOM_BUILDKIT_ADDRESS: options.buildkit,
    GREENROOM_BASE_DOMAIN: baseDomain,
    GREENROOM_PUBLIC_SCHEME: "http",
    GREENROOM_PUBLIC_PORT: String(endpoints.gateway.port),
    GREENROOM_INTAKE_LISTEN: authority(endpoints.intake),
    GREENROOM_GATEWAY_LISTEN: authority(endpoints.gateway),
    GREENROOM_GATEWAY_DIAL: options.dial,
    GREENROOM_GATEWAY_CIDRS: `${bridge.address}/32`,
    GREENROOM_DATA_DIR: data,
    GREENROOM_HELM: options.helm,
    GREENROOM_BUILDCTL: options.buildctl,
  };
  const entry = fileURLToPath(new URL("../../../workers/main.ts", import.meta.url));
  const ready = {
    "greenroom-web": both(acceptsConnections(endpoints.intake), acceptsConnections(endpoints.gateway)),
    "greenroom-work": async () => undefined,
  };
  return processes.map(({ name, rooms }) => ({
    name,
    command: process.execPath,
    args: [entry, rooms],
    env,
    readiness: ready[name],
    stopTimeoutSeconds: 15,
  }));
}

function both(one: Service["readiness"], other: Service["readiness"]): Service["readiness"] {
  return async (signal) => {
    await Promise.all([one(signal), other(signal)]);
  };
}

const manifests = ["../../../charts/greenroom/crds"].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** Puts into the cluster what an operator's installation brings: the record's definition, namespaces, roles. */
export async function applyManifests(kubectl: string, kubeconfig: string, signal: AbortSignal): Promise<void> {
  for (const manifest of manifests) {
    const args = ["--kubeconfig", kubeconfig, "apply", "--server-side", "-f", manifest];
    await run(kubectl, args, { signal });
  }
}
