// The one place that joins ports and adapters.
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { createBuildkitBuilder } from "./adapters/buildkit/builder.ts";
import { createBullmqQueue, type BullmqQueue } from "./adapters/bullmq/queue.ts";
import { createBullmqPresses } from "./adapters/bullmq/presses.ts";
import { createBullmqSweeps } from "./adapters/bullmq/sweeps.ts";
import { systemClock } from "./adapters/clock.ts";
import { openGitCheckouts } from "./adapters/git/checkouts.ts";
import type { GitHubOptions } from "./adapters/github/client.ts";
import { createConversation } from "./adapters/github/conversation.ts";
import { createDeliveries } from "./adapters/github/deliveries.ts";
import { createInstallations } from "./adapters/github/installations.ts";
import { createPullRequests, gitHost } from "./adapters/github/pull-requests.ts";
import { createReleases } from "./adapters/helm/releases.ts";
import { createKubernetesApi, type KubernetesApi, loadKubeConfig } from "./adapters/kubernetes/api.ts";
import { createCluster } from "./adapters/kubernetes/cluster.ts";
import { followEndpoints } from "./adapters/kubernetes/endpoints.ts";
import { createHealth } from "./adapters/kubernetes/health.ts";
import { createImageLedger } from "./adapters/kubernetes/image-ledger.ts";
import { createLeftovers } from "./adapters/kubernetes/leftovers.ts";
import { createPortForward } from "./adapters/kubernetes/port-forward.ts";
import { createRecordCache, type RecordCache } from "./adapters/kubernetes/record-cache.ts";
import { createRecords } from "./adapters/kubernetes/records.ts";
import { createVisits } from "./adapters/kubernetes/visits.ts";
import { createSharedBudget, type SharedBudget } from "./adapters/redis/shared-budget.ts";
import { createOciRegistry } from "./adapters/oci/registry.ts";
import { defaultLimits } from "./objects/namespace-kit.ts";
import type { ObeyWorld } from "./pipeline/obey.ts";
import type { SweepWorld } from "./pipeline/sweep/sweep.ts";
import type { Rules, World } from "./pipeline/world.ts";
import type { CallBudget } from "./ports/call-budget.ts";
import type { Endpoints, PodAddress } from "./ports/endpoints.ts";
import type { Health } from "./ports/health.ts";
import type { Log } from "./ports/log.ts";
import type { Presses } from "./ports/presses.ts";
import type { Sweeps } from "./ports/sweeps.ts";
import type { Visits } from "./ports/visits.ts";
import type { Settings } from "./settings.ts";

const charts = join(dirname(fileURLToPath(import.meta.url)), "..", "charts");

/** Variables that git needs to reach GitHub through a company's proxy. */
const proxyVariables = [
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "https_proxy",
  "http_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "GIT_SSL_CAINFO",
];

export function wireQueue(settings: Settings, log: Log): BullmqQueue {
  return createBullmqQueue({
    url: settings.GREENROOM_REDIS_URL,
    concurrency: settings.GREENROOM_CONCURRENCY,
    onError: (error) => log.warn({ error: error.message }, "trouble with the queue"),
  });
}

/** Commands are short, and nobody should wait for them. */
export function wireCommandQueue(settings: Settings, log: Log): BullmqQueue {
  return createBullmqQueue({
    url: settings.GREENROOM_REDIS_URL,
    name: "commands",
    concurrency: 10,
    onError: (error) => log.warn({ error: error.message }, "trouble with the commands' queue"),
  });
}

export function wirePresses(settings: Settings, log: Log): Presses {
  return createBullmqPresses({
    url: settings.GREENROOM_REDIS_URL,
    onError: (error) => log.warn({ error: error.message }, "trouble with the buttons' queue"),
  });
}

export function wireSweeps(settings: Settings, log: Log): Sweeps {
  return createBullmqSweeps({
    url: settings.GREENROOM_REDIS_URL,
    onError: (error) => log.warn({ error: error.message }, "trouble with the sweep's queue"),
  });
}

/** What all workers together may still ask of GitHub. */
export function wireCallBudget(settings: Settings, log: Log): SharedBudget {
  return createSharedBudget({
    url: settings.GREENROOM_REDIS_URL,
    limits: {
      perMinute: settings.GREENROOM_GITHUB_WRITES_PER_MINUTE,
      perHour: settings.GREENROOM_GITHUB_WRITES_PER_HOUR,
    },
    onError: (error) => log.warn({ error: error.message }, "GitHub's limits are kept by each worker alone for now"),
  });
}

export function wireKubernetes(settings: Settings): KubernetesApi {
  return createKubernetesApi(loadKubeConfig(settings.GREENROOM_KUBECONFIG));
}

export function wireHealth(api: KubernetesApi): Health {
  return createHealth(api);
}

/** Everything the gateway needs of the world. The watches end with `lifetime`. */
export async function wireGateway(
  settings: Settings,
  lifetime: AbortSignal,
  onError: (error: unknown) => void,
): Promise<{
  records: RecordCache;
  visits: Visits;
  endpoints: Endpoints;
  /** How pods are reached where their addresses lead nowhere. */
  tunnel: ((pod: PodAddress) => Promise<Duplex>) | undefined;
  githubUrl: string;
}> {
  const config = loadKubeConfig(settings.GREENROOM_KUBECONFIG);
  const api = createKubernetesApi(config);
  return {
    records: createRecordCache(api, settings.GREENROOM_NAMESPACE, lifetime),
    visits: createVisits(api, settings.GREENROOM_NAMESPACE),
    endpoints: await followEndpoints(api, lifetime, onError),
    tunnel: settings.GREENROOM_GATEWAY_DIAL === "port-forward" ? createPortForward(config) : undefined,
    githubUrl: gitHost(settings.GREENROOM_GITHUB_API_URL),
  };
}

/** All records, kept up to date until `lifetime` ends. */
export function wireRecordCache(settings: Settings, api: KubernetesApi, lifetime: AbortSignal): RecordCache {
  return createRecordCache(api, settings.GREENROOM_NAMESPACE, lifetime);
}

/** Everything a worker needs to reconcile pull requests. */
export async function wireWorld(
  settings: Settings,
  api: KubernetesApi,
  cache: RecordCache,
  queue: BullmqQueue,
  budget: CallBudget,
  log: Log,
): Promise<World> {
  const authFile = settings.GREENROOM_REGISTRY_AUTH_FILE;
  const pullAuthFile = settings.GREENROOM_REGISTRY_PULL_AUTH_FILE;
  if (authFile !== undefined && pullAuthFile === undefined) {
    const file = "GREENROOM_REGISTRY_PULL_AUTH_FILE";
    log.warn({ setting: file }, "previews pull with the credentials that push; give them some that may only pull");
  }
  return {
    ...wireCommon(settings, api, cache, queue, log),
    pullRequests: createPullRequests(gitHubOptions(settings, budget, log)),
    budget,
    checkouts: await openGitCheckouts({
      dataDirectory: settings.GREENROOM_DATA_DIR,
      environment: pick(process.env, proxyVariables),
    }),
    builder: createBuildkitBuilder({
      buildctl: settings.GREENROOM_BUILDCTL,
      address: settings.GREENROOM_BUILDKIT_ADDRESS,
      ...(authFile !== undefined && { authFile }),
      insecureRegistry: settings.GREENROOM_REGISTRY_INSECURE,
      baseImages: settings.GREENROOM_BASE_IMAGES,
      deadlineMs: settings.GREENROOM_BUILD_TIMEOUT_SECONDS * 1_000,
    }),
    releases: createReleases(api, {
      helm: settings.GREENROOM_HELM,
      sandbox: settings.GREENROOM_SANDBOX,
      timeoutSeconds: settings.GREENROOM_READY_TIMEOUT_SECONDS,
    }),
  };
}

/** Everything a worker needs to sweep. */
export function wireSweepWorld(
  settings: Settings,
  api: KubernetesApi,
  cache: RecordCache,
  queue: BullmqQueue,
  commands: BullmqQueue,
  budget: CallBudget,
  log: Log,
): SweepWorld {
  const { GREENROOM_NAMESPACE: namespace, GREENROOM_DEPLOYERS_NAMESPACE: deployersNamespace } = settings;
  return {
    ...wireCommon(settings, api, cache, queue, log),
    commands,
    installations: createInstallations(gitHubOptions(settings, budget, log)),
    deliveries: createDeliveries(gitHubOptions(settings, budget, log)),
    leftovers: createLeftovers(api, { namespace, deployersNamespace }),
  };
}

/** Everything a worker needs to do what people write. */
export function wireObeyWorld(
  settings: Settings,
  api: KubernetesApi,
  cache: RecordCache,
  queue: BullmqQueue,
  budget: CallBudget,
  log: Log,
): ObeyWorld {
  return {
    ...wireCommon(settings, api, cache, queue, log),
    pullRequests: createPullRequests(gitHubOptions(settings, budget, log)),
    conversation: createConversation(gitHubOptions(settings, budget, log)),
  };
}

/** What reconciling and sweeping have in common. */
function wireCommon(settings: Settings, api: KubernetesApi, cache: RecordCache, queue: BullmqQueue, log: Log) {
  const authFile = settings.GREENROOM_REGISTRY_AUTH_FILE;
  const pullAuthFile = settings.GREENROOM_REGISTRY_PULL_AUTH_FILE;
  return {
    queue,
    log,
    clock: systemClock,
    registry: createOciRegistry({
      registry: settings.GREENROOM_REGISTRY,
      ...(authFile !== undefined && { authFile }),
      ...(pullAuthFile !== undefined && { pullAuthFile }),
      insecure: settings.GREENROOM_REGISTRY_INSECURE,
    }),
    ledger: createImageLedger(api, settings.GREENROOM_NAMESPACE),
    records: createRecords(api, settings.GREENROOM_NAMESPACE, cache),
    cluster: createCluster(api, { deployersNamespace: settings.GREENROOM_DEPLOYERS_NAMESPACE }),
    rules: rulesOf(settings),
  };
}

function gitHubOptions(settings: Settings, budget: CallBudget, log: Log): GitHubOptions {
  return {
    appId: settings.GREENROOM_GITHUB_APP_ID,
    privateKey: settings.GREENROOM_GITHUB_PRIVATE_KEY,
    apiUrl: settings.GREENROOM_GITHUB_API_URL,
    budget,
    onCall: (call) => log.debug(call, "asked GitHub"),
    onRefused: (installation, permission) =>
      log.warn({ installation, permission }, "GitHub grants no such permission; pull requests go without it"),
  };
}

function rulesOf(settings: Settings): Rules {
  return {
    address: {
      scheme: settings.GREENROOM_PUBLIC_SCHEME,
      domain: settings.GREENROOM_BASE_DOMAIN,
      port: settings.GREENROOM_PUBLIC_PORT,
    },
    platform: settings.GREENROOM_BUILD_PLATFORM,
    registryCache: settings.GREENROOM_BUILD_CACHE === "registry",
    readySeconds: settings.GREENROOM_READY_TIMEOUT_SECONDS,
    images: {
      graceMs: settings.GREENROOM_IMAGE_GRACE_HOURS * 3_600_000,
      buildMs: settings.GREENROOM_BUILD_TIMEOUT_SECONDS * 1_000,
    },
    kit: {
      limits: defaultLimits,
      gateway: { namespaces: [settings.GREENROOM_NAMESPACE], cidrs: settings.GREENROOM_GATEWAY_CIDRS },
      blockedCidrs: [],
    },
    charts,
    lifetime: {
      idleHours: settings.GREENROOM_IDLE_HOURS,
      warnHours: settings.GREENROOM_IDLE_WARN_HOURS,
      afterwards: settings.GREENROOM_IDLE_THEN,
    },
    previews: {
      repositories: settings.GREENROOM_REPOSITORIES,
      trigger: settings.GREENROOM_TRIGGER,
      unconfigured: settings.GREENROOM_UNCONFIGURED,
    },
    limits: {
      previews: {
        all: settings.GREENROOM_MAX_PREVIEWS,
        installation: settings.GREENROOM_MAX_PREVIEWS_PER_INSTALLATION,
        repository: settings.GREENROOM_MAX_PREVIEWS_PER_REPOSITORY,
      },
      builds: {
        all: undefined,
        installation: settings.GREENROOM_BUILDS_PER_INSTALLATION,
        repository: settings.GREENROOM_BUILDS_PER_REPOSITORY,
      },
      makeRoom: settings.GREENROOM_MAKE_ROOM && {
        leastIdleMs: settings.GREENROOM_MAKE_ROOM_AFTER_MINUTES * 60_000,
      },
    },
  };
}

function pick(environment: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
