import { readFileSync } from "node:fs";
import { z } from "zod";
import { triggers } from "./policy/triggers.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.enum(["true", "false"]).transform((text) => text === "true");
const most = z.coerce.number().int().min(1).max(100_000);
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

const schema = z.object({
  GREENROOM_GITHUB_API_URL: z
    .url()
    .default("https://api.github.com")
    .describe("Base URL of GitHub's REST API; on GitHub Enterprise Server `https://HOST/api/v3`."),
  GREENROOM_GITHUB_WRITES_PER_MINUTE: most
    .default(80)
    .describe(
      "Comments, check runs and the like that one installation writes in any minute. GitHub's own limit; an Enterprise Server may have another or none.",
    ),
  GREENROOM_GITHUB_WRITES_PER_HOUR: most.default(500).describe("The same in any hour."),
  GREENROOM_GITHUB_APP_ID: z.coerce.number().int().positive().describe("Id of the GitHub App."),
  GREENROOM_GITHUB_PRIVATE_KEY: z
    .string()
    .includes("PRIVATE KEY", { error: "is not a PEM private key" })
    .describe("Private key of the GitHub App (PEM). Usually given as a file."),
  GREENROOM_WEBHOOK_SECRET: z
    .string()
    .min(16, { error: "has to have at least 16 characters" })
    .describe("Secret with which GitHub signs deliveries. Usually given as a file."),
  GREENROOM_WEBHOOK_SECRET_PREVIOUS: z
    .string()
    .min(16)
    .optional()
    .describe("The secret before the last rotation, accepted as well while GitHub is switched over."),
  GREENROOM_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .describe("Redis or Valkey, `redis://` or `rediss://`. Usually given as a file."),
  GREENROOM_NAMESPACE: z.string().default("greenroom").describe("Namespace of the Preview records."),
  GREENROOM_DEPLOYERS_NAMESPACE: z
    .string()
    .default("greenroom-deployers")
    .describe("Namespace of the service accounts that deploy, one for each attempt."),
  GREENROOM_KUBECONFIG: z
    .string()
    .optional()
    .describe("Path of a kubeconfig; without it the service account of the pod is used."),
  GREENROOM_REGISTRY: z
    .string()
    .regex(/^[a-z0-9.:-]+(\/[a-z0-9._/-]+)?$/, { error: "has to be HOST[:PORT][/PREFIX]" })
    .describe("Registry and prefix below which images are pushed, e.g. `registry.example.com/greenroom`."),
  GREENROOM_REGISTRY_AUTH_FILE: z
    .string()
    .optional()
    .describe("Path of a Docker `config.json` with credentials for the registry."),
  GREENROOM_REGISTRY_PULL_AUTH_FILE: z
    .string()
    .optional()
    .describe("The same with credentials that may only pull; given to previews. Default: the ones that push."),
  GREENROOM_REGISTRY_INSECURE: flag
    .default(false)
    .describe("Speak HTTP to the registry. For a registry on this machine only."),
  GREENROOM_BASE_IMAGES: list
    .default([])
    .describe(
      "Repositories, or beginnings of their names, in the registry's own host that every Dockerfile may start from, e.g. `registry.example.com/base`; comma-separated.",
    ),
  GREENROOM_BUILDKIT_ADDRESS: z.string().describe("Address of buildkitd, `unix://…` or `tcp://…`."),
  GREENROOM_BUILD_PLATFORM: z.string().default("linux/amd64").describe("Platform that images are built for."),
  GREENROOM_BUILD_CACHE: z
    .enum(["local", "registry"])
    .default("local")
    .describe(
      "Where layers are cached besides BuildKit's own disk; `registry` where several BuildKits share the work.",
    ),
  GREENROOM_BASE_DOMAIN: z
    .string()
    .regex(/^[a-z0-9.-]+$/)
    .describe("Domain below which previews get their host names; a wildcard record points at the gateway."),
  GREENROOM_PUBLIC_SCHEME: z.enum(["http", "https"]).default("https").describe("Scheme of preview URLs."),
  GREENROOM_PUBLIC_PORT: port.optional().describe("Port in preview URLs where it is not the scheme's own."),
  GREENROOM_INTAKE_LISTEN: z.string().default("0.0.0.0:3000").describe("Address and port of the webhook server."),
  GREENROOM_GATEWAY_LISTEN: z.string().default("0.0.0.0:8080").describe("Address and port of the gateway."),
  GREENROOM_GATEWAY_DIAL: z
    .enum(["direct", "port-forward"])
    .default("direct")
    .describe(
      "How the gateway reaches pods: by their address, or through the API server where the pod network is out of reach.",
    ),
  GREENROOM_GATEWAY_CIDRS: list
    .default([])
    .describe(
      "Addresses that the gateway's connections come from, where it does not run in the cluster; comma-separated CIDRs.",
    ),
  GREENROOM_DATA_DIR: z.string().default("/var/lib/greenroom").describe("Folder for git mirrors and checkouts."),
  GREENROOM_HELM: z.string().default("helm").describe("Helm 4."),
  GREENROOM_BUILDCTL: z.string().default("buildctl").describe("BuildKit's client."),
  GREENROOM_SANDBOX: z
    .enum(["bwrap", "none"])
    .default("bwrap")
    .describe("How rendering is isolated: bubblewrap, or not at all (only where the whole worker is a sandbox)."),
  GREENROOM_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .describe("Pull requests that one worker works on at once; most of that is waiting for others."),
  GREENROOM_IDLE_HOURS: z.coerce
    .number()
    .min(0)
    .max(100_000)
    .default(72)
    .describe(
      "Hours without a push, a command or a visit after which a preview goes; 0 keeps it while its pull request is open.",
    ),
  GREENROOM_IDLE_WARN_HOURS: z.coerce
    .number()
    .min(0)
    .max(100_000)
    .default(12)
    .describe("Hours before that in which the comment says so."),
  GREENROOM_IDLE_THEN: z
    .enum(["remove", "sleep"])
    .default("remove")
    .describe("What happens then: everything of it is removed, or it sleeps until its address is opened."),
  GREENROOM_REPOSITORIES: list
    .default([])
    .describe(
      "Repositories that may have previews, e.g. `acme/shop,acme/web-*`; comma-separated. Default: all on which the app is installed.",
    ),
  GREENROOM_TRIGGER: z
    .enum(triggers)
    .default("always")
    .describe("What may begin a preview at most, whatever a repository says: `always`, `label` or `command`."),
  GREENROOM_UNCONFIGURED: z
    .enum(["request", "silent", "always"])
    .default("request")
    .describe(
      "Pull requests of repositories without a greenroom.yaml: a comment says how to get a preview (`request`), nothing says it (`silent`), or each gets one (`always`).",
    ),
  GREENROOM_MAX_PREVIEWS: most.optional().describe("Previews that run at once, in all; those that sleep do not count."),
  GREENROOM_MAX_PREVIEWS_PER_INSTALLATION: most
    .optional()
    .describe("The same for one organisation or user that installed the app."),
  GREENROOM_MAX_PREVIEWS_PER_REPOSITORY: most.optional().describe("The same for one repository."),
  GREENROOM_MAKE_ROOM: flag
    .default(false)
    .describe("Where there is no room for a preview, put the one to sleep that nobody has used for longest."),
  GREENROOM_MAKE_ROOM_AFTER_MINUTES: z.coerce
    .number()
    .min(0)
    .max(100_000)
    .default(15)
    .describe("Minutes that nobody has used it before. Visits are known to five minutes, so leave it more than that."),
  GREENROOM_BUILDS_PER_INSTALLATION: most
    .default(10)
    .describe("Pull requests of one organisation or user that are built or deployed at once."),
  GREENROOM_BUILDS_PER_REPOSITORY: most
    .default(4)
    .describe("The same for one repository, so that its trouble does not keep the others waiting."),
  GREENROOM_READY_TIMEOUT_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(3_600)
    .default(300)
    .describe("Seconds a release may take to become ready."),
  GREENROOM_BUILD_TIMEOUT_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(7_200)
    .default(1_200)
    .describe("Seconds one image may take to build."),
  GREENROOM_IMAGE_GRACE_HOURS: z.coerce
    .number()
    .int()
    .min(0)
    .max(8_760)
    .default(168)
    .describe("Hours an image stays in the registry that no preview uses any more; 0: for ever."),
  GREENROOM_SWEEP_SECONDS: z.coerce
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .describe("Seconds between two sweeps, which find what got lost. The first is made at once."),
  GREENROOM_LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("Least severe lines that are logged."),
});

export type Settings = z.infer<typeof schema>;

/** The settings' names and descriptions, for the generated reference. */
export const settingsSchema = schema;

/** The settings cannot be used; `problems` has a line for each. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Greenroom cannot start with these settings:\n${problems.map((line) => `  ${line}`).join("\n")}`);
    this.name = "SettingsError";
    this.problems = problems;
  }
}

/**
 * Reads the operator's settings from the environment. For each setting `NAME` a variable `NAME_FILE` may give the path
 * of a file that holds the value instead. Values never appear in an error.
 */
export function readSettings(
  environment: NodeJS.ProcessEnv,
  readFile = (path: string) => readFileSync(path, "utf8"),
): Settings {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    const file = environment[`${name}_FILE`];
    // A file's own name may end like that too (…_AUTH_FILE is a path, not a secret).
    const direct = environment[name];
    if (direct !== undefined && direct !== "") values[name] = direct;
    else if (file !== undefined && file !== "") {
      try {
        values[name] = readFile(file).trim();
      } catch (error) {
        problems.push(
          `${name}_FILE: ${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
        );
      }
    }
  }
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return parsed.data;
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (problems.some((line) => line.startsWith(`${name}_FILE`))) continue;
    problems.push(values[name] === undefined ? `${name} is not set (nor ${name}_FILE)` : `${name} ${issue.message}`);
  }
  throw new SettingsError(problems);
}
