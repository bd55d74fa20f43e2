import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hash } from "bcryptjs";
import { stringify } from "yaml";
import { z } from "zod";
import { authority, type Endpoint } from "../lab/endpoints.ts";
import { acceptsConnections, answersHttp } from "../lab/readiness.ts";
import type { Service } from "../lab/service.ts";
import { readIfThere, writeAtomically } from "./files.ts";

export type Credentials = { readonly username: string; readonly password: string };

const dockerConfigSchema = z.object({ auths: z.record(z.string(), z.object({ auth: z.string() })) });

// The password is random and long, so the cheapest hash is as good as any, and it is computed at every request.
const bcryptRounds = 4;

/** Credentials of a registry as Docker's config.json keeps them, or null where it has none for this host. */
export function credentialsIn(dockerConfig: string, host: string): Credentials | null {
  const entry = dockerConfigSchema.parse(JSON.parse(dockerConfig)).auths[host];
  if (entry === undefined) return null;
  const [username, ...rest] = Buffer.from(entry.auth, "base64").toString().split(":");
  return username === undefined ? null : { username, password: rest.join(":") };
}

/** A Docker config.json that lets its reader push to and pull from one registry. */
export function dockerConfigFor(host: string, credentials: Credentials): string {
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
  return `${JSON.stringify({ auths: { [host]: { auth } } }, null, 2)}\n`;
}

/** An account's credentials: those already in the Docker config.json, else new ones written there (0600). */
export async function registryCredentials(configFile: string, host: string, username: string): Promise<Credentials> {
  const existing = await readIfThere(configFile);
  const found = existing === null ? null : credentialsIn(existing, host);
  if (found !== null) return found;
  const made = { username, password: randomBytes(24).toString("base64url") };
  await mkdir(dirname(configFile), { recursive: true, mode: 0o700 });
  writeAtomically(configFile, dockerConfigFor(host, made), 0o600);
  return made;
}

export type RegistryOptions = {
  readonly name: string;
  /** An address, or a socket's path. */
  readonly listen: Endpoint | string;
  /** Where blobs and tags are. */
  readonly storage: string;
  /** Folder for its configuration and passwords. */
  readonly configDir: string;
  /** Who may read and write; none: everyone may read and nobody write. */
  readonly accounts: readonly Credentials[];
};

/** The configuration file of Debian's docker-registry (distribution 2.8). */
export function registryConfig(options: RegistryOptions, passwordFile: string, secret: string): string {
  const open = options.accounts.length === 0;
  const { listen } = options;
  const socket = typeof listen === "string" ? { addr: listen, net: "unix" } : { addr: authority(listen) };
  return stringify({
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: options.storage },
      cache: { blobdescriptor: "inmemory" },
      delete: { enabled: !open },
      maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: open } },
    },
    http: { ...socket, secret },
    ...(open ? {} : { auth: { htpasswd: { realm: "Greenroom lab", path: passwordFile } } }),
  });
}

/** A registry as a service, its configuration written. */
export async function registryService(options: RegistryOptions): Promise<Service> {
  await mkdir(options.storage, { recursive: true });
  const passwordFile = join(options.configDir, `${options.name}.htpasswd`);
  const configFile = join(options.configDir, `${options.name}.yml`);
  const lines = options.accounts.map(
    async ({ username, password }) => `${username}:${await hash(password, bcryptRounds)}\n`,
  );
  if (lines.length > 0) writeAtomically(passwordFile, (await Promise.all(lines)).join(""), 0o600);
  writeAtomically(configFile, registryConfig(options, passwordFile, randomBytes(16).toString("hex")), 0o600);
  const { name, listen } = options;
  const status = lines.length === 0 ? 200 : 401;
  return {
    name,
    command: "docker-registry",
    args: ["serve", configFile],
    readiness:
      typeof listen === "string"
        ? acceptsConnections({ path: listen }, 30)
        : answersHttp(`http://${authority(listen)}/v2/`, 30, status),
  };
}

/** Where the base images are kept between runs. */
export function mirrorStorage(cache: string): string {
  return join(cache, "mirror");
}
