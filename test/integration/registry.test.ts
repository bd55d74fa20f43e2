import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readLabStatus } from "../../infra/local/lab/status.ts";
import { basicAuthorization, credentialsFor } from "../../src/adapters/oci/docker-config.ts";
import { parseReference } from "../../src/adapters/oci/reference.ts";
import { createOciRegistry } from "../../src/adapters/oci/registry.ts";
import { registryContract } from "../contract/registry.contract.ts";

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Pushes a manifest with one blob, by the distribution API alone. */
async function pushImage(reference: string, content: string, authorization: string): Promise<string> {
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

registryContract("the lab's, by HTTP", async () => {
  const lab = await readLabStatus();
  if (lab === undefined) throw new Error("the lab does not run; start it with: npm run lab -- up --detach");
  const credentials = credentialsFor(lab.registry, readFileSync(lab.registryAuthFile, "utf8"));
  if (credentials === undefined) throw new Error("the lab has no credentials for its registry");
  return {
    registry: createOciRegistry({
      registry: `${lab.registry}/contract`,
      authFile: lab.registryAuthFile,
      insecure: true,
    }),
    push: (reference, content) => pushImage(reference, content, basicAuthorization(credentials)),
    close: async () => undefined,
  };
});
