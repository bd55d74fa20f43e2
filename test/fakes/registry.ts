import { createHash } from "node:crypto";
import type { Registry } from "../../src/ports/registry.ts";

export type FakeRegistry = Registry & {
  /** Tags and their digests, by reference. */
  images: Map<string, string>;
  /** Puts an image of this content under a reference and returns its digest. */
  push(reference: string, content: string): string;
};

/** A registry in memory. */
export function createFakeRegistry(host = "registry.test"): FakeRegistry {
  const images = new Map<string, string>();
  return {
    images,
    push(reference, content) {
      const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
      images.set(reference, digest);
      return digest;
    },
    repository: (repositoryId, imageName) =>
      `${host}/greenroom/${repositoryId}/${imageName.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`,
    async digest(reference, signal) {
      signal.throwIfAborted();
      return images.get(reference);
    },
    async pullSecret(signal) {
      signal.throwIfAborted();
      const auth = Buffer.from("puller:secret").toString("base64");
      return JSON.stringify({ auths: { [host]: { username: "puller", password: "secret", auth } } });
    },
  };
}
