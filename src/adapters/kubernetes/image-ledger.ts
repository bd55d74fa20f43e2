import { createHash } from "node:crypto";
import { z } from "zod";
import type { ImageLedger } from "../../ports/image-ledger.ts";
import { during, isConflict, unlessMissing } from "./api-error.ts";
import { type ApiObject, apiObject } from "./api-object.ts";
import { type KubernetesApi, mergePatch } from "./api.ts";
import { pathOf, resources } from "./resources.ts";

const entry = z.object({ reference: z.string(), digest: z.string(), at: z.string() });

/** Entries of one repository; each takes about 300 bytes of the 1 MiB that an object may have. */
const most = 2_000;

/** A ConfigMap per repository in Greenroom's own namespace, an entry for each image that was built. */
export function createImageLedger(api: KubernetesApi, namespace: string, now: () => Date): ImageLedger {
  const path = (repositoryId: number) => pathOf(resources.ConfigMap, namespace, nameOf(repositoryId));
  const load = (repositoryId: number, signal: AbortSignal) =>
    unlessMissing(api.json({ path: path(repositoryId), signal }).then(apiObject));

  return {
    read: (repositoryId, signal) =>
      during("reading the image ledger", async () => {
        const found = await load(repositoryId, signal);
        return new Map(entriesOf(found).map(({ value }) => [value.reference, value.digest]));
      }),

    record: (repositoryId, reference, digest, signal) =>
      during("writing the image ledger", async () => {
        const found = await load(repositoryId, signal);
        if (found === undefined) {
          const metadata = {
            name: nameOf(repositoryId),
            labels: { "greenroom.dev/repository-id": String(repositoryId) },
          };
          const body = { apiVersion: "v1", kind: "ConfigMap", metadata };
          await api
            .json({ method: "POST", path: pathOf(resources.ConfigMap, namespace), body, signal })
            // Another image of the same repository was recorded at the same moment.
            .catch((error: unknown) => {
              if (!isConflict(error)) throw error;
            });
        }
        const data: Record<string, string | null> = {
          [keyOf(reference)]: JSON.stringify({ reference, digest, at: now().toISOString() }),
        };
        for (const key of tooMany(found)) data[key] = null;
        await api.json({ method: "PATCH", path: path(repositoryId), body: { data }, contentType: mergePatch, signal });
      }),
  };
}

function nameOf(repositoryId: number): string {
  return `images-${repositoryId}`;
}

function keyOf(reference: string): string {
  return createHash("sha256").update(reference).digest("hex").slice(0, 40);
}

function entriesOf(object: ApiObject | undefined): { key: string; value: z.infer<typeof entry> }[] {
  const data = z.record(z.string(), z.string()).catch({}).parse(object?.["data"]);
  return Object.entries(data).flatMap(([key, text]) => {
    const value = entry.safeParse(parse(text));
    return value.success ? [{ key, value: value.data }] : [];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keys of the oldest entries, where there are too many; forgetting one only costs a build. */
function tooMany(object: ApiObject | undefined): string[] {
  const entries = entriesOf(object);
  return entries
    .sort((a, b) => a.value.at.localeCompare(b.value.at))
    .slice(0, Math.max(0, entries.length + 1 - most))
    .map(({ key }) => key);
}
