import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { redisUrlFile } from "../supply/redis.ts";
import { authority, baseDomain, bridge, type LabEndpoints } from "./endpoints.ts";
import { greenroomNamespace, writeAccess } from "./install.ts";
import type { LabPaths } from "./paths.ts";
import { saysInLog } from "./readiness.ts";
import type { Service } from "./service.ts";
import type { Target } from "./stage.ts";
import { readCredentials } from "./status.ts";

/** Greenroom's processes in the lab: the rooms each runs, and the account it has in the cluster. */
const processes = [
  { name: "greenroom-web", rooms: "intake,gateway", account: "greenroom-gateway" },
  { name: "greenroom-work", rooms: "pull-requests,commands,sweep", account: "greenroom-worker" },
] as const;

/** Greenroom itself, configured as an operator would: by environment, secrets in files. */
export async function greenroomServices(
  paths: LabPaths,
  endpoints: LabEndpoints,
  target: Target,
  signal: AbortSignal,
): Promise<Service[]> {
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
    GREENROOM_NAMESPACE: greenroomNamespace,
    GREENROOM_REGISTRY: target.registry,
    ...(target.registryAuth ? { GREENROOM_REGISTRY_AUTH_FILE: target.registryAuth } : {}),
    ...(target.registryPullAuth ? { GREENROOM_REGISTRY_PULL_AUTH_FILE: target.registryPullAuth } : {}),
    GREENROOM_REGISTRY_INSECURE: String(target.registryInsecure),
    GREENROOM_BUILDKIT_ADDRESS: target.buildkit,
    GREENROOM_BASE_DOMAIN: baseDomain,
    GREENROOM_PUBLIC_SCHEME: "http",
    GREENROOM_PUBLIC_PORT: String(endpoints.gateway.port),
    GREENROOM_INTAKE_LISTEN: authority(endpoints.intake),
    GREENROOM_GATEWAY_LISTEN: authority(endpoints.gateway),
    GREENROOM_GATEWAY_DIAL: target.dial,
    GREENROOM_GATEWAY_CIDRS: `${bridge.address}/32`,
    GREENROOM_DATA_DIR: data,
    // Nothing in the lab takes longer, and whoever tries things out should not wait.
    GREENROOM_READY_TIMEOUT_SECONDS: "90",
    GREENROOM_SWEEP_SECONDS: "10",
    // One installation has all of the lab's pull requests, of which tests make more than any team would.
    GREENROOM_GITHUB_WRITES_PER_MINUTE: "1000",
    GREENROOM_GITHUB_WRITES_PER_HOUR: "20000",
    GREENROOM_HELM: target.admin.helm,
    GREENROOM_BUILDCTL: target.buildctl,
  };
  const entry = fileURLToPath(new URL("../../../workers/main.ts", import.meta.url));
  const services: Service[] = [];
  for (const { name, rooms, account } of processes) {
    const kubeconfig = join(secrets, `${account}.conf`);
    await writeAccess(target.admin, account, kubeconfig, signal);
    services.push({
      name,
      command: process.execPath,
      args: [entry, rooms],
      env: { ...env, GREENROOM_KUBECONFIG: kubeconfig },
      readiness: saysInLog(join(paths.logs, `${name}.log`), '"msg":"started"'),
      stopTimeoutSeconds: 15,
    });
  }
  return services;
}
