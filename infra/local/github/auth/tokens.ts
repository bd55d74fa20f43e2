import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { errors, jwtVerify } from "jose";
import { Refusal } from "../actions/refusal.ts";
import type { GitHub } from "../context.ts";
import type { InstallationRecord, InstallationTokenRecord, Permissions } from "../store/records.ts";

const tokenLifetime = 3_600_000;
const longestJwtLifetime = 600;

/** The app's key: made on first use, in the form GitHub lets people download. Returns its public half. */
export function appKey(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(file, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  }
  return createPublicKey(readFileSync(file));
}

/** Refuses a JWT that this app did not sign, that is expired, or that lives longer than GitHub allows. */
export async function verifyAppJwt(github: GitHub, key: KeyObject, jwt: string): Promise<void> {
  const { app } = github.store.directory;
  const now = github.now();
  const seconds = Math.floor(now.getTime() / 1000);
  try {
    const { payload } = await jwtVerify(jwt, key, { algorithms: ["RS256"], currentDate: now });
    const { iss, iat, exp } = payload;
    if (iss !== app.clientId && String(iss) !== String(app.id)) throw new Refusal(404, "Integration not found");
    if (iat === undefined || iat > seconds) {
      const words = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
      throw new Refusal(401, words);
    }
    if (exp === undefined || exp > seconds + longestJwtLifetime) {
      throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
    }
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new Refusal(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time");
    }
    if (error instanceof errors.JOSEError) throw new Refusal(401, "A JSON web token could not be decoded");
    throw error;
  }
}

export interface WantedToken {
  readonly repositoryIds: readonly number[] | undefined;
  readonly permissions: Permissions | undefined;
}

/** Makes an installation token, good for an hour, for no more than the installation has. */
export function mintInstallationToken(
  github: GitHub,
  installation: InstallationRecord,
  { repositoryIds, permissions }: WantedToken,
): { readonly token: string; readonly record: InstallationTokenRecord } {
  const { directory } = github.store;
  refuseSuspended(installation);
  for (const [name, level] of Object.entries(permissions ?? {})) {
    if (!grants(directory.app.permissions, name, level)) {
      throw new Refusal(422, "The permissions requested are not granted to this installation.");
    }
  }
  if (repositoryIds?.some((id) => !installation.repositoryIds.includes(id)) === true) {
    throw new Refusal(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  const now = github.now().getTime();
  const token = `ghs_${randomBytes(18).toString("hex")}`;
  const record: InstallationTokenRecord = {
    digest: digestOf(token),
    installationId: installation.id,
    permissions: permissions === undefined ? directory.app.permissions : { ...permissions, metadata: "read" },
    repositoryIds,
    expiresAt: new Date(Math.floor((now + tokenLifetime) / 1000) * 1000).toISOString().replace(".000Z", "Z"),
  };
  directory.installationTokens = directory.installationTokens.filter(({ expiresAt }) => Date.parse(expiresAt) > now);
  directory.installationTokens.push(record);
  github.store.changed("directory");
  return { token, record };
}

/** A suspended installation can do nothing until somebody lets it go on. */
export function refuseSuspended({ suspended }: InstallationRecord): void {
  if (suspended !== undefined) throw new Refusal(403, "This installation has been suspended");
}

/** Whether a set of permissions has this one; writing includes reading. */
export function grants(permissions: Permissions, name: string, level: string): boolean {
  return permissions[name] === "write" || permissions[name] === level;
}

export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
