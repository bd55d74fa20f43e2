import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Registry } from "../../ports/registry.ts";
import { FailureError } from "../../preview/failure.ts";
import { type Credentials, credentialsFor, pullSecretBody } from "./docker-config.ts";
import { createRegistryHttp, type RegistryRequest } from "./http.ts";
import { parseReference, repositoryName } from "./reference.ts";

export type OciRegistryOptions = {
  /** `HOST[:PORT][/PREFIX]`. */
  registry: string;
  /** Docker `config.json` with credentials that may push; read anew each time, since they may be rotated. */
  authFile?: string;
  /** The same with credentials that may only pull. Default: those that push. */
  pullAuthFile?: string;
  /** Speak HTTP. */
  insecure: boolean;
};

/** Without these a registry answers 404 for images of the other format. */
const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** A registry by the OCI distribution API. */
export function createOciRegistry(options: OciRegistryOptions): Registry {
  const http = createRegistryHttp();
  const [host = options.registry] = options.registry.split("/");

  return {
    repository: (repositoryId, imageName) => repositoryName(options.registry, repositoryId, imageName),

    async digest(reference, signal) {
      const { host: at, repository, tag } = parseReference(reference);
      const credentials = await readCredentials(options.authFile, at);
      const request = (method: RegistryRequest["method"]): RegistryRequest => ({
        method,
        url: `${options.insecure ? "http" : "https"}://${at}/v2/${repository}/manifests/${tag}`,
        accept: manifestTypes,
        scope: `repository:${repository}:pull`,
      });
      const head = await http(request("HEAD"), credentials, signal);
      if (head.status === 404) return undefined;
      if (!head.ok) throw refused(at, head.status);
      const told = head.headers.get("docker-content-digest");
      if (told !== null && /^sha256:[0-9a-f]{64}$/.test(told)) return told;
      // The header is optional; the digest is the hash of the manifest's bytes in any case.
      const got = await http(request("GET"), credentials, signal);
      if (!got.ok) throw refused(at, got.status);
      const manifest = new Uint8Array(await got.arrayBuffer());
      return `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
    },

    async delete(name, digest, notAfter, signal) {
      const { host: at, repository } = parseReference(`${name}@${digest}`);
      const request: RegistryRequest = {
        method: "DELETE",
        url: `${options.insecure ? "http" : "https"}://${at}/v2/${repository}/manifests/${digest}`,
        accept: manifestTypes,
        scope: `repository:${repository}:delete`,
        notAfter,
      };
      const { status, ok, body } = await http(request, await readCredentials(options.authFile, at), signal);
      await body?.cancel();
      if (!ok && status !== 404) throw notDeleted(at, status);
    },

    async pullSecret(signal) {
      signal.throwIfAborted();
      const credentials = await readCredentials(options.pullAuthFile ?? options.authFile, host);
      return credentials === undefined ? undefined : pullSecretBody(host, credentials);
    },
  };
}

async function readCredentials(file: string | undefined, host: string): Promise<Credentials | undefined> {
  if (file === undefined) return undefined;
  try {
    return credentialsFor(host, await readFile(file, "utf8"));
  } catch (error) {
    // Without the error itself: a parser's quotes what it could not read, and that may be a password.
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it is not such a file";
    throw new FailureError({
      kind: "operator",
      code: "registry-credentials-unreadable",
      what: `Greenroom cannot read its credentials for the registry (${reason}).`,
      remedy: "GREENROOM_REGISTRY_AUTH_FILE has to be a Docker `config.json` that the worker can read.",
    });
  }
}

function notDeleted(host: string, status: number): FailureError {
  return new FailureError({
    kind: "operator",
    code: "registry-deletion-refused",
    what: `The registry ${host} does not let Greenroom delete images (it answers ${status}).`,
    remedy:
      status === 401 || status === 403
        ? "Let the credentials that push also delete (GREENROOM_REGISTRY_AUTH_FILE), or set GREENROOM_IMAGE_GRACE_HOURS to 0."
        : "Switch deletion on in the registry (`storage.delete.enabled` of distribution), or set GREENROOM_IMAGE_GRACE_HOURS to 0 and use the registry's own expiry.",
  });
}

function refused(host: string, status: number): FailureError {
  return new FailureError({
    kind: "operator",
    code: "registry-access-refused",
    what: `The registry ${host} refuses access (it answers ${status}).`,
    remedy: "Give Greenroom credentials for it (GREENROOM_REGISTRY_AUTH_FILE).",
  });
}
