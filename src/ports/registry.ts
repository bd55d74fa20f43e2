/** An OCI registry that holds the built images. */
export type Registry = {
  /** Full repository name for an image of a repository, e.g. `registry.example/greenroom/42/shop-web`. */
  repository(repositoryId: number, imageName: string): string;
  /** Digest of `repository:tag` as the registry has it now, or undefined. */
  digest(reference: string, signal: AbortSignal): Promise<string | undefined>;
  /** Body of a `kubernetes.io/dockerconfigjson` secret with which the preview's pods may pull, or undefined. */
  pullSecret(signal: AbortSignal): Promise<string | undefined>;
};
