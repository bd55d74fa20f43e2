/** An OCI registry that holds the built images. */
export type Registry = {
  /** Full repository name for an image of a repository, e.g. `registry.example/greenroom/42/shop-web`. */
  repository(repositoryId: number, imageName: string): string;
  /** Digest of `repository:tag` or `repository@digest` as the registry has it now, or undefined. */
  digest(reference: string, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Deletes a manifest with all its tags; fine where it is gone already. Nothing is sent after `notAfter`, nor waited
   * for: it rejects then, and whoever wants the image may take it that no deletion is on its way.
   */
  delete(repository: string, digest: string, notAfter: Date, signal: AbortSignal): Promise<void>;
  /** Body of a `kubernetes.io/dockerconfigjson` secret with which the preview's pods may pull, or undefined. */
  pullSecret(signal: AbortSignal): Promise<string | undefined>;
};
