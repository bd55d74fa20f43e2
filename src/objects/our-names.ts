/** Names by which Greenroom's own objects in a preview's namespace are known. */
export const pullSecretName = "greenroom-registry";
export const quotaName = "greenroom";
export const limitRangeName = "greenroom";
export const networkPolicyName = "greenroom";
export const deployerRoleName = "greenroom-deployer";

/** Keys of our labels and annotations begin so. */
export const keyPrefix = "greenroom.dev/";

/** On each object of a preview and on its namespace. */
export const labels = {
  preview: `${keyPrefix}preview`,
  repository: `${keyPrefix}repository`,
  pullRequest: `${keyPrefix}pull-request`,
} as const;

/** On the namespace only: how far its pull request is trusted. */
export const tierLabel = `${keyPrefix}tier`;

/** On each object: of which commit it is, and which attempt released it last. */
export const annotations = {
  commit: `${keyPrefix}commit`,
  attempt: `${keyPrefix}attempt`,
} as const;

/** On the namespace only: the uid of its Preview record, so that no record takes over what is another's. */
export const recordUidAnnotation = `${keyPrefix}record-uid`;

/** Prefixes of names that a pull request may neither create nor refer to: our objects, and Helm's release records. */
export const reservedPrefixes = ["greenroom-", "sh.helm.release."] as const;

export function isReserved(name: string): boolean {
  return reservedPrefixes.some((prefix) => name.startsWith(prefix));
}
