import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether the header signs exactly these bytes with one of the secrets; two are in use while a secret is rotated.
 * Compares in constant time and always tries every secret.
 */
export function isSigned(bytes: Uint8Array, header: string | undefined, secrets: readonly string[]): boolean {
  if (header === undefined || !/^sha256=[0-9a-f]{64}$/.test(header)) return false;
  const given = Buffer.from(header.slice("sha256=".length), "hex");
  let signed = false;
  for (const secret of secrets) {
    if (timingSafeEqual(createHmac("sha256", secret).update(bytes).digest(), given)) signed = true;
  }
  return signed;
}
