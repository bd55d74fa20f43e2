import { createHash } from "node:crypto";
import { repositoryOf } from "../../src/images/ledger.ts";
import type { Registry } from "../../src/ports/registry.ts";
import { FailureError } from "../../src/preview/failure.ts";

export type FakeRegistry = Registry & {
  /** Tags and their digests, by reference. */
  images: Map<string, string>;
  /** What can be pulled by digest, as `repository@digest`. */
  manifests: Set<string>;
  /** Puts an image of this content under a reference and returns its digest. */
  push(reference: string, content: string): string;
};

/** A registry in memory. */
export function createFakeRegistry(host = "registry.test", now: () => Date = () => new Date()): FakeRegistry {
  const images = new Map<string, string>();
  const manifests = new Set<string>();
  return {
    images,
    manifests,
    push(reference, content) {
      const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
      images.set(reference, digest);
      manifests.add(`${repositoryOf(reference)}@${digest}`);
      return digest;
    },
    repository: (repositoryId, imageName) =>
      `${host}/greenroom/${repositoryId}/${imageName.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`,
    async digest(reference, signal) {
      signal.throwIfAborted();
      if (!reference.includes("@")) return images.get(reference);
      return manifests.has(reference) ? reference.slice(reference.indexOf("@") + 1) : undefined;
    },
    async delete(repository, digest, notAfter, signal) {
      signal.throwIfAborted();
      if (now() > notAfter) {
        const what = "The registry did not delete an image in time.";
        throw new FailureError({ kind: "transient", code: "registry-unreachable", what, remedy: "It is tried again." });
      }
      manifests.delete(`${repository}@${digest}`);
      for (const [reference, other] of images) {
        if (other === digest && repositoryOf(reference) === repository) images.delete(reference);
      }
    },
    async pullSecret(signal) {
      signal.throwIfAborted();
      const auth = Buffer.from("puller:secret").toString("base64");
      return JSON.stringify({ auths: { [host]: { username: "puller", password: "secret", auth } } });
    },
  };
}
