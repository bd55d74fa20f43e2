import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { LabStatus } from "../../infra/local/lab/status.ts";
import { basicAuthorization, credentialsFor } from "../../src/adapters/oci/docker-config.ts";
import { parseReference } from "../../src/adapters/oci/reference.ts";

/** The header with which one may push to the lab's registry. */
export function pushAuthorization(lab: LabStatus): string {
  const credentials = credentialsFor(lab.registry, readFileSync(lab.registryAuthFile, "utf8"));
  if (credentials === undefined) throw new Error("the lab has no credentials for its registry");
  return basicAuthorization(credentials);
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Pushes a manifest with one blob, by the distribution API alone. */
export async function pushImage(reference: string, content: string, authorization: string): Promise<string> {
  const { host, repository, tag } = parseReference(reference);
  const base = `http://${host}/v2/${repository}`;
  const send = async (method: string, url: string, body?: string, type = "application/octet-stream") => {
    const response = await fetch(url, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { "content-type": type }) },
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
    return response.headers;
  };
  const upload = new URL((await send("POST", `${base}/blobs/uploads/`)).get("location") ?? "", base);
  upload.searchParams.set("digest", digestOf(content));
  await send("PUT", upload.href, content);
  const type = "application/vnd.oci.image.manifest.v1+json";
  const blob = { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf(content), size: content.length };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: type, config: blob, layers: [blob] });
  await send("PUT", `${base}/manifests/${tag}`, manifest, type);
  return digestOf(manifest);
}
